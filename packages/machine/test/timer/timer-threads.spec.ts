/** Timers of several CPUs on real threads and the real clock. Nothing here depends on how long anything takes. */
import { expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';

const module = new URL('../programs/timers.ts', import.meta.url);

test.each([2, 4])(
  '%i CPUs add to and remove from one queue: what is left comes out sorted',
  async (cpus) => {
    await using machine = await Machine.boot({ cpus });
    const results = [
      ...(await machine.run({ module, export: 'queueStorm', args: { steps: 3000 } })),
    ] as {
      taken: number[];
      mine: number[];
    }[];
    const left = results.flatMap(({ mine }) => mine).sort((a, b) => a - b);
    expect(results[0]!.taken).toEqual(left);
  },
);

test.each([
  { cpus: 2, steps: 4000 },
  { cpus: 8, steps: 150 },
])(
  '$cpus CPUs arm and delete the same timers: no function after delTimerSync',
  async ({ cpus, steps }) => {
    await using machine = await Machine.boot({ cpus, parameters: { 'timer.hz': 10_000 } });
    const results = await machine.run({ module, export: 'timerStorm', args: { steps } });
    for (const result of results) expect(result).toMatchObject({ errors: 0 });
    expect((results[0] as { runs: number }).runs).toBeGreaterThan(0);
  },
);

test('4 CPUs start and cancel the hrtimers of each other: no callback after hrtimerCancel', async () => {
  await using machine = await Machine.boot({ cpus: 4 });
  const results = await machine.run({ module, export: 'hrtimerStorm', args: { steps: 2000 } });
  for (const result of results as Iterable<{ late: number; calls: number }>) {
    expect(result.late).toBe(0);
    expect(result.calls).toBeGreaterThan(0);
  }
});

test('a CPU parked on a word wakes for its own hrtimer', async () => {
  await using machine = await Machine.boot({ cpus: 2 });
  const results = await machine.run({ module, export: 'parkedUntilHrtimer' });
  expect([...results]).toEqual([1, 1]);
});

test('an idle CPU wakes for its own timer', async () => {
  await using machine = await Machine.boot({ cpus: 2, parameters: { 'timer.hz': 1000 } });
  const results = await machine.run({ module, export: 'asleepUntilTimer', args: { rounds: 5 } });
  expect([...results]).toEqual([5, 5]);
});

test('addTimerOn reaches CPUs that are asleep', async () => {
  await using machine = await Machine.boot({ cpus: 4 });
  await machine.run({ module, export: 'defineSayWhere' });
  const results = await machine.run({ module, export: 'armOnOthers' }, { cpus: [0] });
  expect(results[0]).toEqual([1, 2, 3]);
});
