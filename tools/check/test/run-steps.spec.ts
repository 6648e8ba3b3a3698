import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { expect, test } from 'vitest';
import { chooseSteps } from '../src/choose-steps.ts';
import { runSteps, summary } from '../src/run-steps.ts';
import type { Outcome, Step } from '../src/run-steps.ts';

const step = (name: string, code: string): Step => ({
  name,
  about: `about ${name}`,
  command: [execPath, '-e', code],
});
const good = step('good', '');
const bad = step('bad', 'process.exit(3)');
const gone: Step = { name: 'gone', about: 'no such tool', command: ['no-such-tool'] };

/** Each ends only when the other has begun, which a file tells. */
function meeting(beside: string | undefined): Step[] {
  const folder = mkdtempSync(join(tmpdir(), 'percpu-steps-'));
  const code = (own: string, other: string): string => `
    const { existsSync, writeFileSync } = require('node:fs');
    writeFileSync(${JSON.stringify(join(folder, own))}, '');
    const until = Date.now() + ${beside === undefined ? 0 : 30_000};
    (function look() {
      if (existsSync(${JSON.stringify(join(folder, other))})) return console.log('${own} has met ${other}');
      if (Date.now() >= until) process.exit(1);
      setTimeout(look, 5);
    })();`;
  return [
    { ...step('a', code('a', 'b')), ...(beside === undefined ? {} : { beside }) },
    { ...step('b', code('b', 'a')), ...(beside === undefined ? {} : { beside }) },
  ];
}

async function run(
  steps: readonly Step[],
  { failFast = false, stop = new AbortController(), say = (_line: string): void => undefined } = {},
): Promise<Outcome[]> {
  return runSteps(steps, {
    failFast,
    cwd: '.',
    env: process.env,
    signal: stop.signal,
    say,
  });
}

const results = (outcomes: readonly Outcome[]): string[] => outcomes.map(({ result }) => result);

test.each([
  // case                       steps             fail fast  results
  ['all is well', [good, good], false, ['passed', 'passed']],
  ['goes on after a failure', [bad, good], false, ['failed', 'passed']],
  ['stops at a failure', [good, bad, good], true, ['passed', 'failed', 'not run']],
  ['a tool that is missing', [gone, good], false, ['failed', 'passed']],
])('%s', async (_, steps, failFast, expected) => {
  expect(results(await run(steps, { failFast }))).toEqual(expected);
});

test('neighbours of one group run side by side; each shows what it printed below its own title', async () => {
  const said: string[] = [];
  expect(results(await run(meeting('g'), { say: (line) => said.push(line) }))).toEqual([
    'passed',
    'passed',
  ]);
  expect(said.sort()).toEqual(['\n── a: about a\na has met b', '\n── b: about b\nb has met a']);
});

test('others do not', async () => {
  expect(results(await run(meeting(undefined)))).toEqual(['failed', 'passed']);
});

test('side by side, a failure stops those that have not begun', async () => {
  const besides = [bad, good].map((one) => ({ ...one, beside: 'g' }));
  const outcomes = results(await run([...besides, step('late', '')], { failFast: true }));
  expect(outcomes[0]).toBe('failed');
  expect(outcomes.at(-1)).toBe('not run');
});

test('Ctrl-C ends the step that runs and starts no other', async () => {
  const stop = new AbortController();
  const outcomes = runSteps([step('long', 'setInterval(() => {}, 1000)'), good], {
    failFast: false,
    cwd: '.',
    env: process.env,
    signal: stop.signal,
    say: () => setImmediate(() => stop.abort()),
  });
  expect(results(await outcomes)).toEqual(['failed', 'not run']);
});

test('the summary: times, reasons, what to run again, and a last line for CI', () => {
  const text = summary([
    { step: good, result: 'passed', seconds: 1.25, ended: 0 },
    { step: bad, result: 'failed', seconds: 61, ended: 3 },
    { step: gone, result: 'failed', seconds: 0, ended: 'SIGKILL' },
    { step: step('late', ''), result: 'not run', seconds: 0 },
  ]);
  expect(text.split('\n')).toEqual([
    '',
    'passed      1.3 s  good  about good',
    'failed     61.0 s  bad   about bad  (exit code 3)',
    'failed      0.0 s  gone  no such tool  (SIGKILL)',
    'not run            late  about late',
    '           62.3 s  in all',
    '',
    'Again: npm test -- --only bad,gone',
    '',
    '1 passed, 3 failed',
  ]);
});

test('steps by name, in their own order', () => {
  expect(chooseSteps([good, bad], 'bad, good')).toEqual([good, bad]);
  expect(chooseSteps([good, bad], undefined)).toEqual([good, bad]);
  expect(() => chooseSteps([good, bad], 'goof')).toThrow('no step goof; there are good, bad');
});
