import { expect, test } from 'vitest';
import { Machine } from '../src/boot/index.ts';
import { Errno } from '../src/index.ts';

const module = new URL('./programs/stop.ts', import.meta.url);

test('who runs the function, and what comes back', async () => {
  await using machine = await Machine.boot({ cpus: 4 });
  await machine.run({ module, export: 'defineStops' });
  const results = await machine.run({ module, export: 'stops' }, { cpus: [1] });
  expect(results[1]).toEqual({
    first: [0, 0b0001],
    none: [0, 0],
    one: [0, 0b1000],
    failing: [Errno.EIO, 0b0110],
    all: [Errno.EIO, 0b1111],
    unknown: [Errno.EINVAL, 0],
    each: [10, 13, Errno.ENOENT],
  });
});

test.each([
  { cpus: 2, rounds: 200 },
  { cpus: 16, rounds: 3 },
])('$cpus CPUs stop the machine at once, with IPIs in between', async ({ cpus, rounds }) => {
  await using machine = await Machine.boot({ cpus });
  await machine.run({ module, export: 'defineStops' });
  const results = await machine.run({ module, export: 'stopStorm', args: { rounds } });
  const stops = cpus * rounds;
  for (const result of results) expect(result).toEqual([stops, stops * (cpus - 1)]);
});

test('plain loops with preemption on are preempted', async () => {
  await using machine = await Machine.boot({ cpus: 4 });
  await machine.run({ module, export: 'defineStops' });
  expect([...(await machine.run({ module, export: 'spinUntilStopped' }))]).toEqual([1, 1, 2, 3]);
});
