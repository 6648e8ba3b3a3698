import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { emptyFolder } from './command.ts';

/** A folder with installed packages; from `from` they can be imported. */
export function install(files: Readonly<Record<string, string>>): { cwd: string; from: string } {
  const cwd = emptyFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
  return { cwd, from: pathToFileURL(join(cwd, 'app.js')).href };
}

/** A package.json. */
export function manifest(
  name: string,
  dependencies: readonly string[],
  entries: readonly string[],
): string {
  return JSON.stringify({
    name,
    version: '1.2.3',
    type: 'module',
    dependencies: Object.fromEntries(dependencies.map((one) => [one, '1.2.3'])),
    exports: Object.fromEntries(entries.map((entry) => [entry, `${entry}.js`])),
  });
}

/** The files of one installed package; `files` by entry, as JavaScript. */
export function pkg(
  name: string,
  { needs = [], files = {} }: { needs?: string[]; files?: Record<string, string> },
): Record<string, string> {
  const folder = `node_modules/${name}`;
  const entries = Object.keys(files).map((file) => `./${file}`);
  return {
    [`${folder}/package.json`]: manifest(name, needs, entries),
    ...Object.fromEntries(
      Object.entries(files).map(([file, text]) => [`${folder}/${file}.js`, text]),
    ),
  };
}

/** A user's project that depends on one package, which brings these entries. */
export function projectWith(name: string, files: Record<string, string>): string {
  return install({
    'package.json': manifest('a-project', [name], []),
    ...pkg(name, { needs: ['@percpu/experiment'], files }),
  }).cwd;
}
