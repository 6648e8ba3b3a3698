/** `percpu torture`: what holds, what must not, and what the command line says. */
import { fileURLToPath } from 'node:url';
import type { TortureResult } from '@percpu/experiment';
import { expect, test } from 'vitest';
import { emptyFolder, run } from './helpers/command.ts';
import type { Outcome } from './helpers/command.ts';

const MADE = fileURLToPath(new URL('./fixtures/tortures.ts', import.meta.url));

function torture(...args: string[]): Promise<Outcome> {
  return run(['torture', ...args, '--seconds', '0.2'], emptyFolder());
}

test.each([
  ['made-atomic', /ok {3}made-atomic {3}held .*; [1-9]\d* rounds, [1-9]\d* interrupts, 3 CPUs/, 0],
  ['made-in-two-steps', /not ok .* failed .*\n {4}on CPU 0: \d+ rounds counted \d+\n/, 1],
  ['made-twin', /ok {3}made-twin {3}failed, as it must/, 0],
  ['made-twin-that-holds', /not ok .* did not fail as it must/, 1],
])('%s', async (name, says, expected) => {
  const { code, stdout } = await torture(name, '--module', MADE, '--cpus', '3');
  expect(stdout).toMatch(says);
  expect(code).toBe(expected);
});

test.each(['locks', 'mm'])('all of @percpu/%s, for a moment', async (name) => {
  const { code, stdout, stderr } = await torture(name, '--json');
  const results = JSON.parse(stdout) as TortureResult[];
  expect(results.filter(({ ok }) => !ok)).toEqual([]);
  expect(results.some(({ busted }) => busted)).toBe(true);
  for (const { busted, rounds } of results) expect(rounds > 0).toBe(!busted);
  expect(stderr).toMatch(/: failed, as it must\n/);
  expect(code).toBe(0);
});

test.each([
  [['tas-tortur'], /unknown torture "tas-tortur"\. Did you mean "tas-torture"\?/],
  [['locks', '--seconds', '0'], /--seconds: .*0\.1.*"?0"?/],
  [['locks', '--cpus', '1.5'], /--cpus/],
])('percpu torture %j', async (args, message) => {
  const { code, stderr } = await run(['torture', ...args], emptyFolder());
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});
