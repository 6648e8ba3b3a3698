/** The rules of `.dependency-cruiser.mjs` on a small workspace: all kept, then each broken. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

const PACKAGES = {
  'packages/experiment': 'core',
  'packages/memory': 'core',
  'packages/machine': 'core',
  'packages/locks': 'core',
  'packages/rcu': 'mechanism',
  'packages/explore': 'engine',
  'apps/orchestrator': 'app',
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'percpu boundaries '));
  mkdirSync(join(root, 'node_modules/@percpu'), { recursive: true });
  for (const file of ['.dependency-cruiser.mjs', 'tsconfig.base.json'])
    cpSync(join(ROOT, file), join(root, file));
  for (const [folder, layer] of Object.entries(PACKAGES)) addPackage(folder, [`layer:${layer}`]);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

function addPackage(folder: string, tags: readonly string[]): void {
  const name = folder.slice(folder.indexOf('/') + 1);
  const exports = {
    '.': { '@percpu/source': './src/index.ts' },
    './boot': { '@percpu/source': './src/boot/index.ts' },
  };
  write(
    `${folder}/package.json`,
    JSON.stringify({ name: `@percpu/${name}`, type: 'module', exports, nx: { tags } }),
  );
  write(`${folder}/src/index.ts`, `export const name = '${name}';\n`);
  symlinkSync(join(root, folder), join(root, 'node_modules/@percpu', name));
}

interface Said {
  readonly status: number | null;
  readonly text: string;
}

function cruise(): Said {
  const args = ['packages', 'apps', '--config', '.dependency-cruiser.mjs', '--no-progress'];
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
  delete env.FORCE_COLOR; // nx sets it, and it would win
  const options = { cwd: root, encoding: 'utf8', env } as const;
  const { status, stdout, stderr } = spawnSync('depcruise', args, options);
  return { status, text: `${stdout}${stderr}` };
}

const uses = (name: string): string => `export { name } from '@percpu/${name}';\n`;

test('what is allowed', () => {
  write('apps/orchestrator/src/all.ts', uses('rcu'));
  write('apps/orchestrator/src/host.ts', "import 'node:os';\n");
  write('packages/rcu/src/all.ts', uses('locks'));
  write('packages/explore/src/all.ts', uses('machine'));
  write('packages/locks/src/all.ts', uses('machine'));
  write('packages/machine/src/all.ts', uses('memory'));
  write('packages/machine/src/boot/index.ts', "import 'node:worker_threads';\n");
  write('packages/memory/src/experiments/index.ts', uses('experiment'));
  write('packages/memory/test/a.spec.ts', "import 'node:os';\nimport '../src/index.ts';\n");
  // Types may refer back: nothing is loaded in a circle.
  write('packages/memory/src/a.ts', "import type { T } from './b.ts';\nexport const a: T = 1;\n");
  write('packages/memory/src/b.ts', "export type T = number;\nexport * from './a.ts';\n");
  const { status, text } = cruise();
  expect(text).toContain('no dependency violations');
  expect(status).toBe(0);
});

test('each rule, broken', () => {
  const broken = [
    // rule                   file                            content
    ['layer-core', 'packages/locks/src/up-1.ts', uses('orchestrator')],
    ['layer-core', 'packages/locks/src/up-2.ts', uses('rcu')],
    ['layer-core', 'packages/locks/src/up-3.ts', uses('explore')],
    ['layer-mechanism', 'packages/rcu/src/up-1.ts', uses('explore')],
    ['layer-mechanism', 'packages/rcu/test/up-2.spec.ts', uses('orchestrator')],
    ['layer-engine', 'packages/explore/src/up.ts', uses('rcu')],
    ['order-machine', 'packages/machine/src/up.ts', uses('locks')],
    ['order-memory', 'packages/memory/src/up.ts', uses('machine')],
    ['order-experiment', 'packages/experiment/src/up.ts', uses('memory')],
    ['no-back-door', 'packages/locks/src/door.ts', "export * from '../../memory/src/index.ts';\n"],
    ['no-tests-in-source', 'packages/locks/src/test.ts', "export * from '../test/help.ts';\n"],
    ['experiments-apart', 'packages/locks/src/contract.ts', uses('experiment')],
    ['experiments-apart', 'packages/locks/src/own.ts', "export * from './experiments/index.ts';\n"],
    ['only-boot-knows-node', 'packages/locks/src/node.ts', "import 'node:fs';\n"],
    ['only-boot-knows-node', 'packages/machine/src/node.ts', "import 'node:worker_threads';\n"],
    ['no-circular', 'packages/memory/src/a.ts', "export * from './b.ts';\n"],
  ] as const;
  write('packages/locks/test/help.ts', 'export const help = 1;\n');
  write('packages/locks/src/experiments/index.ts', 'export const experiments = [];\n');
  write('packages/memory/src/b.ts', "export * from './a.ts';\nexport const b = 1;\n");
  for (const [, file, text] of broken) write(file, text);

  const { status, text } = cruise();
  const found = [...text.matchAll(/error ([\w-]+): (\S+)/g)].map(([, rule, file]) => [rule, file]);
  for (const [rule, file] of broken) expect(found).toContainEqual([rule, file]);
  expect(status).not.toBe(0);
});

test.each([
  ['packages/new', [], /packages\/new\/package.json: needs one tag of core, engine/],
  ['packages/new', ['layer:core', 'layer:app'], /needs one tag/],
  ['packages/new', ['layer:kernel'], /needs one tag/],
  ['packages/new', ['layer:core'], /packages\/new is tagged layer:core: give it its place in CORE/],
])('a package out of order: %s %j', (folder, tags, message) => {
  addPackage(folder, tags);
  const { status, text } = cruise();
  expect(text).toMatch(message);
  expect(status).not.toBe(0);
});
