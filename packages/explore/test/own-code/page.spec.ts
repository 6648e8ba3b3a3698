/** The page for those who bring their own code, followed word by word: its files are written, its tests run, its output compared. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const here = import.meta.dirname;
const root = join(here, '../../../..');
const page = readFileSync(join(root, 'docs/testing-your-own-worker-code.md'), 'utf8');
/** In the workspace, so that the packages are found. Ignored by git as all caches are. */
const folder = join(root, 'packages/explore/.cache/page');

/** The configuration of the page, with what finds the sources of this workspace instead of installed packages. */
const CONFIG = `
import { coroutine } from ${JSON.stringify(join(root, 'packages/coroutine/src/vite/index.ts'))};
const conditions = ['@percpu/source', 'node'];
export default {
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  plugins: [coroutine({ atomics: ['/page/'] })],
  test: { include: ['*.explore.ts'], reporters: ['default'] },
};
`;

function blocks(): { name: string; code: string }[] {
  return Array.from(page.matchAll(/^```ts\n\/\/ file: (\S+)\n([^]*?)^```/gm), ([, name, code]) => ({
    name: name!,
    code: code!,
  }));
}

function runPage(file: string): { status: number | null; output: string } {
  const vitest = fileURLToPath(import.meta.resolve('vitest/package.json')).replace(
    'package.json',
    'vitest.mjs',
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, 'run', file], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', CI: '1' },
  });
  return { status, output: stdout + stderr };
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'vitest.config.ts'), CONFIG);
  cpSync(join(here, 'mended'), join(folder, 'mended'), { recursive: true });
  for (const { name, code } of blocks()) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), code);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('docs/testing-your-own-worker-code.md', () => {
  test('has the ring that the suite explores', () => {
    const own = readFileSync(join(here, 'ring.ts'), 'utf8');
    const shown = blocks().find(({ name }) => name === 'ring.ts')!.code;
    expect(own.endsWith(shown)).toBe(true);
  });

  test('shows what its test of the ring says', () => {
    const { status, output } = runPage('ring.explore.ts');
    const shown = /^## 4[^]*?^```\n([^]*?)^```/m.exec(page)![1]!.trimEnd().split('\n');
    expect(status).toBe(1);
    for (const line of shown) expect(output).toContain(line.replace(/…$/, '').trimEnd());
  });

  test('is right that the mended ring passes', () => {
    const { status, output } = runPage('mended.explore.ts');
    expect(output).toContain('1 passed');
    expect(status).toBe(0);
  });
});
