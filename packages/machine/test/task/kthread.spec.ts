import { expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';
import { Errno } from '../../src/index.ts';

const module = new URL('../programs/tasks.ts', import.meta.url);
const threeTimes = <T>(value: T): T[] => [value, value, value];

test('100,000 wake-ups between two CPUs, none lost', async () => {
  await using machine = await Machine.boot({ cpus: 2, parameters: { 'spin.budget': 20 } });
  const slept = await machine.run({ module, export: 'tokenRing', args: { rounds: 50_000 } });
  expect(Math.max(...(slept as number[]))).toBeGreaterThan(0);
});

test('a token through 16 sleeping CPUs', async () => {
  await using machine = await Machine.boot({ cpus: 16, parameters: { 'spin.budget': 0 } });
  await machine.run({ module, export: 'tokenRing', args: { rounds: 100 } });
});

test('kthreads on every CPU: exit codes, stop before the first turn, park', async () => {
  await using machine = await Machine.boot({ cpus: 3 });
  await machine.run({ module, export: 'defineThreads' });
  const [codes] = await machine.run({ module, export: 'threadsEverywhere' }, { cpus: [0] });
  expect(codes).toEqual({
    sleeper: [7, 7, 7],
    brief: [-5, -5, -5],
    plain: [5, 105, 205],
    neverRun: threeTimes(Errno.EINTR),
    parked: threeTimes([0, Errno.EBUSY, 0, 0]).flat(),
  });
});

test('all CPUs create and stop threads on all CPUs; slots come back', async () => {
  await using machine = await Machine.boot({ cpus: 4, parameters: { 'tasks.max': 24 } });
  await machine.run({ module, export: 'defineThreads' });
  const sums = await machine.run({ module, export: 'threadStorm', args: { rounds: 300 } });
  // A thread that was stopped before its first turn says -EINTR; all others 1.
  for (const sum of sums as number[]) expect(sum).toBeLessThanOrEqual(300);
});

test('busted twin: the condition before the state, and the task hangs: reported, not waited for', async () => {
  await using machine = await Machine.boot({ cpus: 2, parameters: { 'hungTask.timeout': 50 } });
  const run = machine.run({ module, export: 'bustedSleep' }, { cpus: [0] });
  await expect(run).rejects.toThrow(
    /INFO: task bustedSleep of tasks\.ts:\d+ on CPU#0 blocked for more than \d+ ms/,
  );
  expect(machine.report()).toMatch(/task bustedSleep of tasks\.ts:\d+ on CPU 0: blocked/);
});

test('timed sleeps: at least as long as asked, or until woken', async () => {
  await using machine = await Machine.boot({ cpus: 1 });
  const [result] = await machine.run({ module, export: 'timedSleeps' });
  expect(result).toEqual({ slept: true, ranOut: 0, woken: true, forEver: Infinity });
});
