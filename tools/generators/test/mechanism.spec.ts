/** What the generator writes, and that it works: types, test and README example of the result. */
import type { Tree } from '@nx/devkit';
import { readJson } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { runExamples, writeExamples } from '@percpu-tools/check/examples/run';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execPath } from 'node:process';
import { beforeEach, describe, expect, test } from 'vitest';
import mechanism from '../src/mechanism/generator.ts';

const root = join(import.meta.dirname, '../../..');

let tree: Tree;
beforeEach(() => {
  tree = createTreeWithEmptyWorkspace();
  for (const file of [
    'LICENSE',
    '.prettierrc.json',
    'packages/machine/package.json',
    'apps/orchestrator/package.json',
  ])
    tree.write(file, readFileSync(join(root, file)));
});

const written = (): string[] =>
  tree
    .listChanges()
    .map(({ path }) => path)
    .filter((path) => path.startsWith('packages/seq-count/'))
    .sort();

test('a package in the shape of the house', async () => {
  await mechanism(tree, { name: 'seq-count' });
  expect(written()).toEqual([
    'packages/seq-count/LICENSE',
    'packages/seq-count/README.md',
    'packages/seq-count/package.json',
    'packages/seq-count/src/experiments/index.ts',
    'packages/seq-count/src/experiments/seq-count-users.ts',
    'packages/seq-count/src/index.ts',
    'packages/seq-count/src/seq-count.ts',
    'packages/seq-count/test/programs/get-and-put.ts',
    'packages/seq-count/test/seq-count.spec.ts',
    'packages/seq-count/test/tsconfig.json',
    'packages/seq-count/tsconfig.json',
    'packages/seq-count/vitest.config.ts',
  ]);
  const { version } = readJson<{ version: string }>(tree, 'packages/machine/package.json');
  expect(readJson(tree, 'packages/seq-count/package.json')).toMatchObject({
    name: '@percpu/seq-count',
    version,
    nx: { tags: ['layer:mechanism'] },
    dependencies: { '@percpu/machine': version },
  });
  expect(readJson(tree, 'apps/orchestrator/package.json')).toMatchObject({
    dependencies: { '@percpu/seq-count': version },
  });
});

test.each(['SeqCount', 'seq_count', '-seq', '', '../seq', 'seq--count'])(
  'refuses the name "%s"',
  async (name) => {
    await expect(mechanism(tree, { name })).rejects.toThrow(/kebab-case, as in block-throttle/);
    expect(written()).toEqual([]);
  },
);

test('refuses a name that is taken', async () => {
  await expect(mechanism(tree, { name: 'machine' })).rejects.toThrow(/packages\/machine is there/);
});

describe('the result', () => {
  /** The generated package in a workspace folder of its own, below ours, so that ours resolve. */
  async function materialise(): Promise<string> {
    await mechanism(tree, { name: 'seq-count' });
    mkdirSync(join(root, '.cache'), { recursive: true });
    const workspace = mkdtempSync(join(root, '.cache/generated-'));
    for (const path of written()) {
      mkdirSync(dirname(join(workspace, path)), { recursive: true });
      writeFileSync(join(workspace, path), tree.read(path)!);
    }
    for (const file of ['tsconfig.base.json', 'tsconfig.test.json', 'types'])
      cpSync(join(root, file), join(workspace, file), { recursive: true });
    // By name, because it imports a package of ours.
    writeFileSync(
      join(workspace, 'vitest.shared.ts'),
      "export { shared } from '../../vitest.shared.ts';\n",
    );
    const config = {
      extends: './tsconfig.test.json',
      compilerOptions: { incremental: false },
      include: ['packages'],
    };
    writeFileSync(join(workspace, 'tsconfig.json'), JSON.stringify(config));
    return workspace;
  }

  function run(command: string, args: readonly string[], cwd: string): string {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
    return status === 0 ? 'ok' : `${stdout}${stderr}`;
  }

  test('type checks, passes its own test, and its README is true', async () => {
    const workspace = await materialise();
    const folder = join(workspace, 'packages/seq-count');
    try {
      expect(run('tsc', ['-p', workspace], root)).toBe('ok');
      expect(run('vitest', ['run', '--root', folder], folder)).toBe('ok');
      const readme = readFileSync(join(folder, 'README.md'), 'utf8');
      const examples = await writeExamples(readme, 'README.md', join(folder, 'examples'));
      const nodeOptions = ['--conditions=@percpu/source'];
      const options = { node: execPath, nodeOptions };
      expect(await runExamples(examples, join(folder, 'examples'), options)).toEqual([]);
    } finally {
      rmSync(workspace, { recursive: true, force: true });
    }
  });
});
