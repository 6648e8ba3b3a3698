/** The README runner, with twins that it has to catch. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { extract } from '../src/examples/extract.ts';
import { runExamples, writeExamples } from '../src/examples/run.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'percpu examples '))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const block = (...lines: string[]): string => ['```ts', ...lines, '```', ''].join('\n');

async function problemsOf(readme: string, limitMs = 30_000): Promise<string[]> {
  const examples = await writeExamples(readme, 'README.md', join(folder, 'r'));
  return runExamples(examples, join(folder, 'r'), { node: execPath, limitMs });
}

const program = block('// file: program.ts', 'export const answer: number = 42;');
const worker = block(
  '// file: worker.ts',
  "import { threadId } from 'node:worker_threads';",
  'console.log(threadId > 0); // => true',
);

test.each([
  ['a value', block('console.log(1 + 1); // => 2')],
  ['several, formatted as console.log does', block("console.log('%s', 'x', [1]); // => x [ 1 ]")],
  ['broken into lines', block('console.log(', '  1 +', '    2,', '); // => 3')],
  ['each turn of a loop', block('for (const n of [1, 1])', '  console.log(n); // => 1')],
  ['other output is free', block("console.log('hello');", 'console.log(3); // => 3')],
  [
    'another block of the README',
    program + block("import { answer } from './program.ts';", 'console.log(answer); // => 42'),
  ],
  [
    'a worker thread from another block',
    worker +
      block(
        "import { Worker } from 'node:worker_threads';",
        "new Worker(new URL('./worker.ts', import.meta.url));",
      ),
  ],
  ['top-level await', block('console.log(await Promise.resolve(7)); // => 7')],
  ['nothing to run', '# Title\n\n```sh\nnpm start\n```\n'],
])('holds: %s', async (_, readme) => {
  expect(await problemsOf(readme)).toEqual([]);
});

test.each([
  ['a wrong value', block('console.log(1 + 1); // => 3'), /^line 2 printed: 2; expected: 3$/],
  ['wrong, broken into lines', block('console.log(', '  1,', '); // => 3'), /^line 4 printed: 1/],
  [
    'right once, wrong later',
    block('for (const n of [1, 2])', '  console.log(n); // => 1'),
    /^line 3 printed: 2; expected: 1$/,
  ],
  ['never reached', block('if (false as boolean)', '  console.log(1); // => 1'), /^line 3 never p/],
  ['a throw', block("throw new Error('no such lock');"), /line 2 ended with 1:[^]*no such lock/],
  ['an import that is not there', block("import './gone.ts';"), /ended with 1:[^]*gone.ts/],
  [
    'a wrong value in a worker',
    worker.replace('=> true', '=> false') +
      block(
        "import { Worker } from 'node:worker_threads';",
        "new Worker(new URL('./worker.ts', import.meta.url));",
      ),
    /^line 4 printed: true; expected: false$/,
  ],
])('is caught: %s', async (_, readme, problem) => {
  expect(await problemsOf(readme)).toEqual([expect.stringMatching(problem)]);
});

test('is caught: no end', async () => {
  const hangs = block('setInterval(() => undefined, 1000);');
  expect(await problemsOf(hangs, 1_000)).toEqual([
    expect.stringMatching(/ended with SIGKILL, after 1 s without an end/),
  ]);
});

test.each([
  ['options', '```ts ignore\n```', /^README.md:1: a ```ts block takes no options \(found "ignore"/],
  ['another name for it', 'text\n\n```typescript\n```', /^README.md:3: write ```ts/],
  ['plain JavaScript', '```js\n```', /^README.md:1: write ```ts/],
  ['no end', '```ts\nconst a = 1;', /^README.md:1: this code block does not end/],
  ['an expectation of no line', block('f(); // => 1'), /^README.md:2: only `console.log/],
  ['a name twice', program + program, /^README.md:6: there are two blocks of the name program.ts/],
])('is refused: %s', (_, readme, message) => {
  expect(() => extract(readme, 'README.md')).toThrow(message);
});

test('the lines of the README are known', () => {
  const readme = `# Title\n\n${program}text\n\n${block('one;', 'two;')}`;
  expect(extract(readme, 'README.md')).toEqual([
    expect.objectContaining({ file: 'program.ts', runs: false, line: 4 }),
    { file: 'example-10.ts', runs: true, line: 10, code: 'one;\ntwo;' },
  ]);
});
