import { expect, test } from 'vitest';
import {
  chooseCell,
  controlBytes,
  findByName,
  type CpuMeasurement,
  type Window,
} from '../src/index.ts';
import { experiments } from './support/experiments.ts';
import { onThreads } from './support/threads.ts';

const PLACE = { control: 0, arena: { at: 64 * 1024, bytes: 64 * 1024 } };
const SHORT: Window = { kind: 'time', warmUpNs: 1e6, measureNs: 5e6 };
const WORK: Window = { kind: 'work', warmUpCalls: 10, calls: 1_000 };

async function measured(
  name: string,
  variant: string,
  cpus: number,
  choice: { window: Window; repeats?: number; knobs?: Record<string, string | number> },
) {
  expect(controlBytes(cpus)).toBeLessThanOrEqual(PLACE.arena.at);
  const cell = chooseCell(findByName(experiments, name), { variant, cpus, ...choice });
  return onThreads(cpus, 'measureCell', { cell, place: PLACE });
}

test.each([
  // CPUs, among them more than any test host has cores
  [1],
  [2],
  [3],
  [16],
])('a barrier for %i threads lets none leave before all have come', async (n) => {
  const answers = await onThreads(n, 'seeWhoIsMissing', { n, rounds: 200, waitsFor: n });
  expect(answers).toEqual(Array.from({ length: n }, () => ({ value: 0 })));
});

test('busted twin: a barrier that lets all go one early is seen in its first round', async () => {
  const answers = await onThreads(3, 'seeWhoIsMissing', { n: 3, rounds: 200, waitsFor: 2 });
  expect(answers).toEqual([{ value: 1 }, { value: 1 }, { value: 0 }]);
});

test.each([
  // experiment, CPUs, window, repeats
  ['counter', 1, SHORT, 2],
  ['counter', 2, SHORT, 3],
  ['counter', 2, WORK, 3],
  ['counter', 12, SHORT, 2],
  ['counter', 12, WORK, 2],
  ['passing', 2, SHORT, 3],
  ['passing', 2, WORK, 3],
] as const)('%s on %i threads', async (name, cpus, window, repeats) => {
  const variant = name === 'counter' ? 'atomic' : 'plain';
  const answers = await measured(name, variant, cpus, { window, repeats });
  for (const [id, answer] of answers.entries()) {
    expect(answer).not.toHaveProperty('error');
    const { cpu, repeats: records } = (answer as { value: CpuMeasurement }).value;
    expect([cpu, records.length]).toEqual([id, repeats]);
    for (const { operations, beganNs, endedNs } of records) {
      expect(endedNs).toBeGreaterThan(beganNs);
      if (window.kind === 'work') expect(operations).toBe(window.calls);
      else expect(endedNs).toBeGreaterThanOrEqual(window.warmUpNs + window.measureNs);
    }
  }
});

test('busted twin: a counter that loses every second increment fails its verification', async () => {
  const [leader, other] = await measured('counter', 'forgets', 2, { window: WORK });
  expect(leader).toEqual({ kind: 'Error', error: 'the counter is 1010, after 2020 increments' });
  expect(other).toMatchObject({ kind: 'MeasurementStopped' });
});

test.each([
  ['setup', 0],
  ['prepare', 0],
  ['prepare', 1],
  ['body', 0],
  ['body', 1],
  ['finish', 1],
  ['verify', 0],
] as const)('an error in %s of CPU %i ends all CPUs', async (place, culprit) => {
  const answers = await measured('counter', 'atomic', 4, {
    window: WORK,
    knobs: { place, culprit },
  });
  const others = {
    kind: 'MeasurementStopped',
    error: `stopped, because something failed on CPU ${culprit} of those that take part`,
  };
  const planted = { kind: 'Planted', error: `planted in ${place} of CPU ${culprit}` };
  expect(answers).toEqual([0, 1, 2, 3].map((id) => (id === culprit ? planted : others)));
});
