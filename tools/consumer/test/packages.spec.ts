/** The package checks, with packages that they have to refuse. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandFailed, isOffline } from '../src/command.ts';
import { faultsOf, pack, publicPackages } from '../src/packages.ts';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'percpu packages '))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const manifest = {
  name: '@percpu/lock',
  version: '1.0.0',
  license: 'MIT',
  type: 'module',
  files: ['dist'],
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
};
const sound = {
  'packages/lock/package.json': manifest,
  'packages/lock/dist/index.js': 'export const held = 1;\n',
  'packages/lock/dist/index.d.ts': 'export declare const held: number;\n',
};

function write(files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(
      join(root, name),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
  }
}

test.each<[string, Record<string, unknown>, RegExp | undefined]>([
  ['a sound package', {}, undefined],
  [
    'an export of nothing',
    {
      'packages/lock/package.json': {
        ...manifest,
        exports: { ...manifest.exports, './spin': './dist/spin.js' },
      },
    },
    /^publint: [^]*spin/,
  ],
  [
    'types that say CommonJS of a module',
    {
      'packages/lock/package.json': {
        ...manifest,
        exports: { types: './dist/index.d.cts', default: './dist/index.js' },
      },
      'packages/lock/dist/index.d.cts': 'export declare const held: number;\n',
    },
    /attw: /,
  ],
  [
    'CommonJS in a module',
    { 'packages/lock/dist/index.js': 'module.exports = 1;\n' },
    /^publint: /,
  ],
])('%s', async (_, changed, fault) => {
  write({ ...sound, ...changed });
  const [found] = publicPackages(root);
  const faults = await faultsOf(await pack(found!, root), root);
  if (fault === undefined) expect(faults).toEqual([]);
  else expect(faults.join('\n')).toMatch(fault);
});

test('what is public, with its commands and peers', () => {
  write({
    'packages/machine/package.json': {
      name: '@percpu/machine',
      peerDependencies: { piscina: '^5.0.0', other: '^1.0.0' },
      devDependencies: { piscina: '5.3.2' },
    },
    'packages/secret/package.json': { name: '@percpu/secret', private: true },
    'apps/orchestrator/package.json': { name: '@percpu/orchestrator', bin: { percpu: 'x.js' } },
  });
  expect(publicPackages(root)).toMatchObject([
    { name: '@percpu/orchestrator', commands: ['percpu'], peers: {} },
    { name: '@percpu/machine', commands: [], peers: { piscina: '5.3.2', other: '^1.0.0' } },
  ]);
});

test.each([
  ['npm error code ENOTFOUND', true],
  ['npm error code ECONNREFUSED', true],
  ['npm error code E503', true],
  ['npm error code E404', false],
  ['npm error code ERESOLVE', false],
])('%s: offline %s', (output, offline) => {
  expect(isOffline(new CommandFailed('npm install', output))).toBe(offline);
});
