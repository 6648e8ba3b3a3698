/** Errors, sites and names say where things are in the original source: under vitest and under Node. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { outermost } from './programs/failing.ts';
import { drive } from './support/stub-memory.ts';

const FILE = fileURLToPath(new URL('./programs/failing.ts', import.meta.url));
const lines = readFileSync(FILE, 'utf8').split('\n');

/** `line:column`, both from 1, of the first place that holds `text`, or of the `part` in it. */
function place(text: string, part = text): string {
  const line = lines.findIndex((each) => each.includes(text));
  const start = lines[line]!.indexOf(text);
  return `${line + 1}:${start + text.indexOf(part) + 1}`;
}

const EXPECTED = [
  `innermost failing.ts:${place('new RangeError')}`,
  `inner failing.ts:${place('innermost(memory, at);')}`,
  `Middle.call failing.ts:${place('inner(memory.load(1))')}`,
  `outermost failing.ts:${place('new Middle().call(', 'call')}`,
];

function framesOf(stack: string): string[] {
  return stack
    .split('\n')
    .filter((line) => line.includes('failing.ts'))
    .map((line) => line.replace(/^ *at (?:Object\.)?(.*) \(.*(failing\.ts:\d+:\d+)\)$/, '$1 $2'));
}

function stackOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).stack ?? '';
  }
  return '';
}

test('in vitest, a twin that was suspended in each of its calls', () => {
  expect(framesOf(stackOf(() => drive(outermost)))).toEqual(EXPECTED);
});

test('in vitest, the plain version', () => {
  const plain = stackOf(() => outermost({ load: () => 0 }));
  expect(framesOf(plain)).toEqual(EXPECTED);
});

test('under node --import @percpu/coroutine/register', () => {
  const main = new URL('./programs/print-stack.ts', import.meta.url);
  const printed = execFileSync(
    process.execPath,
    [
      '--conditions=@percpu/source',
      '--import',
      new URL('../src/register/index.ts', import.meta.url).href,
      fileURLToPath(main),
    ],
    {
      encoding: 'utf8',
      env: { ...process.env, PERCPU_COROUTINE: '{"include":["/test/programs/failing"]}' },
    },
  );
  expect(framesOf(printed)).toEqual(EXPECTED);
});

test('sites', () => {
  const { sites } = drive(outermost, [0, 1, 1]);
  expect(
    sites.map(({ file, line, column, functionName, text }) => ({
      file,
      at: `${line}:${column}`,
      functionName,
      text,
    })),
  ).toEqual([
    {
      file: FILE,
      at: place('memory.load(0)', 'load'),
      functionName: 'outermost',
      text: 'memory.load(0)',
    },
    {
      file: FILE,
      at: place('memory.load(1)', 'load'),
      functionName: 'Middle.call',
      text: 'memory.load(1)',
    },
    {
      file: FILE,
      at: place('memory.load(at)', 'load'),
      functionName: 'innermost',
      text: 'memory.load(at)',
    },
  ]);
});
