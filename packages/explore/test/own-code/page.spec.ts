/** The page for those who bring their own code, followed word by word: its files are written, its tests run, its output compared. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const here = import.meta.dirname;
const root = join(here, '../../../..');
const page = readFileSync(join(root, 'docs/testing-your-own-worker-code.md'), 'utf8');
/** In the workspace, so that the packages are found. Ignored by git as all caches are. */
const folder = join(root, 'packages/explore/.cache/page');

/** The configuration of the page, with what finds the sources of this workspace instead of installed packages. */
function config(): string {
  const shown = /^```js\n\/\/ vitest\.config\.js\n([^]*?)^```/m.exec(page)![1]!;
  const plugin = JSON.stringify(join(root, 'packages/coroutine/src/vite/index.ts'));
  const conditions = "['@percpu/source', 'node']";
  return shown
    .replace("'@percpu/coroutine/vite'", plugin)
    .replace("'/src/'", "'/page/src/'")
    .replace(
      'defineConfig({',
      `defineConfig({
        resolve: { conditions: ${conditions} },
        ssr: { resolve: { conditions: ${conditions}, externalConditions: ${conditions} } },`,
    );
}

function blocks(): { name: string; code: string }[] {
  return Array.from(page.matchAll(/^```ts\n\/\/ file: (\S+)\n([^]*?)^```/gm), ([, name, code]) => ({
    name: name!,
    code: code!,
  }));
}

function write(name: string, code: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), code);
}

/** Runs the tests that there are now. */
function runPage(): { status: number | null; output: string } {
  const vitest = fileURLToPath(import.meta.resolve('vitest/package.json')).replace(
    'package.json',
    'vitest.mjs',
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, 'run'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', CI: '1' },
  });
  return { status, output: stdout + stderr };
}

beforeAll(() => {
  write('vitest.config.js', config());
  // The first of each name: the page shows the test twice, the second time with its number of schedules.
  for (const { name, code } of blocks().reverse()) write(name, code);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('docs/testing-your-own-worker-code.md', () => {
  test('has the ring that the suite explores', () => {
    const own = readFileSync(join(here, 'ring.ts'), 'utf8');
    const shown = blocks().find(({ name }) => name === 'src/ring.ts')!.code;
    expect(own.endsWith(shown)).toBe(true);
  });

  test('shows what its test of the ring says', () => {
    const { status, output } = runPage();
    const shown = /^## 4[^]*?^```\n([^]*?)^```/m.exec(page)![1]!.trimEnd().split('\n');
    expect(status).toBe(1);
    for (const line of shown) expect(output).toContain(line.replace(/…$/, '').trimEnd());
  });

  test('is right that the mended ring passes', () => {
    const { name, code } = blocks().at(-1)!;
    write(name, code);
    write('src/ring.ts', readFileSync(join(here, 'mended/ring.ts'), 'utf8'));
    const { status, output } = runPage();
    expect(output).toContain('1 passed');
    expect(status).toBe(0);
  });
});
