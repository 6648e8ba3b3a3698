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

async function run(
  steps: readonly Step[],
  { failFast = false, stop = new AbortController() } = {},
): Promise<Outcome[]> {
  return runSteps(steps, {
    failFast,
    cwd: '.',
    env: process.env,
    signal: stop.signal,
    say: () => undefined,
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
