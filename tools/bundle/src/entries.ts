/** Which modules of a package have a file of their own in its dist, because somebody asks for them by address. */
import { globSync, readFileSync } from 'node:fs';
import { namedBeside } from './own-address.ts';

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly '@percpu/source': string }>>;
}

/** Paths below `src` without extension: what `exports` names, and what modules name relative to their own address. */
export function entriesOf(folder: string): string[] {
  const { exports } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Manifest;
  const src = `${folder}/src`;
  const exported = Object.values(exports).map((entry) =>
    entry['@percpu/source'].replace(/^\.\/src\/(.*)\.ts$/, '$1'),
  );
  const files = globSync('**/*.ts', { cwd: src }).map((file) => file.replaceAll('\\', '/'));
  const named = files.flatMap((file) => namedBeside(src, file));
  return [...new Set([...exported, ...named])].sort();
}
