/** Every workspace package has the shape of the house. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly nx?: { readonly tags?: readonly string[] };
  readonly scripts?: {
    readonly lint?: string;
    readonly test?: string;
    readonly typecheck?: string;
  };
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>> | string>>;
}

const read = (file: string): Manifest =>
  JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as Manifest;

const published = globSync('{packages,apps}/*/package.json', { cwd: ROOT }).sort();
const tools = globSync('tools/*/package.json', { cwd: ROOT }).sort();
const versions = new Map(published.map((file) => [read(file).name, read(file).version]));

test.each([...published, ...tools])('%s: what nx runs', (file) => {
  const { license, type, scripts } = read(file);
  expect({ license, type }).toEqual({ license: 'MIT', type: 'module' });
  expect(scripts?.lint).toMatch(/^eslint .*--max-warnings=0$/);
  expect(scripts?.test).toBe('vitest run');
  expect(scripts?.typecheck).toMatch(/^tsc -b/);
});

test.each(published)('%s: what is published', (file) => {
  const { name, nx, files, scripts, description, dependencies, exports } = read(file);
  expect(name).toBe(`@percpu/${dirname(file).split('/')[1]!}`);
  expect(description).toMatch(/^\S.*\.$/);
  // What CPUs load is bundled; the rest is as tsc leaves it.
  const bundled = nx?.tags?.some((tag) => tag === 'layer:core' || tag === 'layer:mechanism');
  const build = bundled === true ? 'tsc -b && node ../../tools/bundle/src/main.ts' : 'tsc -b';
  expect(scripts).toMatchObject({ build, typecheck: 'tsc -b test' });
  expect(files).toEqual(['dist', 'src', '!dist/**/*.tsbuildinfo']);
  expect(existsSync(join(ROOT, dirname(file), 'README.md')), 'README.md').toBe(true);
  expect(readFileSync(join(ROOT, dirname(file), 'LICENSE'), 'utf8')).toBe(
    readFileSync(join(ROOT, 'LICENSE'), 'utf8'),
  );
  for (const [dependency, version] of Object.entries(dependencies ?? {})) {
    // Released together, so asked for in exactly the version that they have.
    if (dependency.startsWith('@percpu/')) expect(version).toBe(versions.get(dependency));
  }
  for (const conditions of Object.values(exports ?? {})) {
    // The source condition comes first, or it would never be taken.
    expect(Object.keys(conditions)).toEqual(['@percpu/source', 'types', 'default']);
  }
});
