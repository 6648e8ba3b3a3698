/** A small package with every kind of entry, bundled and used. */
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundlePackage } from '../src/bundle.ts';
import { entriesOf } from '../src/entries.ts';

const files: Record<string, string> = {
  'package.json': JSON.stringify({
    name: 'small',
    type: 'module',
    exports: {
      '.': { '@percpu/source': './src/index.ts' },
      './boot': { '@percpu/source': './src/boot/index.ts' },
    },
  }),
  'src/index.ts': `export { Lock } from './lock.ts';\nexport { alone } from './alone.ts';\n`,
  'src/lock.ts': `import { layout } from './layout.ts';
    /** Prose that nobody should load. */
    export class Lock { readonly at: number = layout; }`,
  'src/layout.ts': 'export const layout: number = 4;',
  'src/alone.ts': 'export const alone: string = "alone";',
  'src/boot/index.ts': `export { start } from './pool.ts'; export { Lock } from '../lock.ts';`,
  'src/boot/pool.ts': `import { sibling } from './sibling.ts';
    export const start = (): string => sibling(import.meta.url, './worker');`,
  'src/boot/sibling.ts': `export const sibling = (url: string, path: string): string =>
    new URL(path + '.js', url).href;`,
  'src/boot/worker.ts': `export { Lock } from '../lock.ts';`,
  'dist/old-chunk.js': 'left by an earlier build',
  'dist/lock.d.ts': 'made by tsc',
};

let folder: string;
let written: string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'percpu bundle '));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  written = await bundlePackage(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = async (name: string): Promise<Record<string, unknown>> =>
  (await import(pathToFileURL(join(folder, 'dist', name)).href)) as Record<string, unknown>;

test('entries: what is exported, and what modules name relative to their own address', () => {
  expect(entriesOf(folder)).toEqual(['boot/index', 'boot/worker', 'index']);
});

test('other modules have no file of their own, and older ones are gone', () => {
  const names = written.filter((name) => name.endsWith('.js'));
  expect(names).toEqual(expect.arrayContaining(['index.js', 'boot/index.js', 'boot/worker.js']));
  for (const name of ['lock.js', 'boot/pool.js', 'old-chunk.js']) expect(names).not.toContain(name);
  expect(globSync('**/*.{js,d.ts}', { cwd: join(folder, 'dist') }).sort()).toEqual(
    [...names, 'lock.d.ts'].sort(),
  );
});

test('one instance of each module, whichever entry it is reached by', async () => {
  const [index, boot] = [await load('index.js'), await load('boot/index.js')];
  const worker = await load('boot/worker.js');
  expect(boot.Lock).toBe(index.Lock);
  expect(worker.Lock).toBe(index.Lock);
});

test('a module that asks for its own address finds what is beside it', async () => {
  const { start } = (await load('boot/index.js')) as { start: () => string };
  expect(start()).toBe(pathToFileURL(join(folder, 'dist/boot/worker.js')).href);
});

test('code without prose, and a source map that leads to the sources', () => {
  const texts = written.map((name) => readFileSync(join(folder, 'dist', name), 'utf8'));
  expect(texts.join('\n')).not.toContain('Prose');
  expect(texts.join('\n')).toMatch(/"sources":\[[^\]]*src\/lock\.ts"/);
});
