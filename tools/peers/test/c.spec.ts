/** The peers in C. Without a compiler they are skipped, loudly; PERCPU_REQUIRE_TOOLS=1 makes that a failure. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { compile, compileFolder, cTeam, findCompiler } from '../src/c-team.ts';
import { verify } from '../src/verify.ts';

const compiler = await findCompiler();
const required = process.env.PERCPU_REQUIRE_TOOLS === '1';
if (compiler === undefined) {
  console.warn('skipped: the C peers, because there is no C compiler here (gcc, cc or clang)');
}
const withCompiler = test.skipIf(compiler === undefined && !required);

const window = { warmUpMs: 5, measureMs: 20 };
const source = (name: string): URL => new URL(`../c/${name}`, import.meta.url);

withCompiler.for(['pthread-mutex', 'pthread-spin', 'ticket'])('%s', async (name) => {
  expect(compiler, 'PERCPU_REQUIRE_TOOLS=1 and no C compiler').toBeDefined();
  await using folder = await compileFolder();
  const program = await compile(compiler!, source(`${name}.c`), folder.path);
  for (const threads of [1, 2]) {
    const report = await cTeam(program, threads).run(window);
    expect(report.reports).toHaveLength(threads);
    expect(verify(report)).toBeGreaterThanOrEqual(threads);
  }
});

withCompiler('a lock that admits two is refused', async () => {
  await using folder = await compileFolder();
  const header = await readFile(source('peer.h'), 'utf8');
  // The pause inside the critical section makes sure that two meet there.
  const slow = header.replace(
    'counter++;',
    'uint64_t seen = counter; nanosleep(&(struct timespec){0, 1000000}, NULL); counter = seen + 1;',
  );
  expect(slow).not.toBe(header);
  const nothing = ['init', 'lock', 'unlock'].map((name) => `static void peer_${name}(void) {}\n`);
  const file = join(folder.path, 'broken.c');
  await writeFile(file, nothing.join('') + slow);
  const program = await compile(compiler!, pathToFileURL(file), folder.path);
  const report = await cTeam(program, 2).run(window);
  expect(() => verify(report)).toThrow(/no lock: 2 threads/);
});

withCompiler('what the compiler says is passed on', async () => {
  await using folder = await compileFolder();
  const file = join(folder.path, 'wrong.c');
  await writeFile(file, 'this is not C\n');
  await expect(compile(compiler!, pathToFileURL(file), folder.path)).rejects.toThrow(/wrong\.c/);
});

test('no compiler among the names given', async () => {
  expect(await findCompiler(['percpu-no-such-compiler'])).toBeUndefined();
});
