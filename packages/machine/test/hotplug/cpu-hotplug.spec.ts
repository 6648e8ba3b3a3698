import { expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';
import { Errno } from '../../src/index.ts';

const module = new URL('../programs/stop.ts', import.meta.url);

test('CPUs go down and come up; the last one, unknown ones and one’s own are refused', async () => {
  await using machine = await Machine.boot({ cpus: 3 });
  await machine.run({ module, export: 'defineStops' });
  const [log] = await machine.run({ module, export: 'downAndUp' }, { cpus: [0] });
  expect(log).toEqual([
    ['down 1', 0, [true, false, true]],
    ['down 1 again', 0, [true, false, true]],
    ['stop without it', 0],
    ['stop on it', Errno.EINVAL],
    ['down 2', 0, [true, false, false]],
    ['down 0', Errno.EBUSY, [true, false, false]],
    ['down 7', Errno.EINVAL],
    ['up 2', 0, [true, false, true]],
    ['up 1', 0, [true, true, true]],
    ['up 1 again', 0, [true, true, true]],
    ['up -1', Errno.EINVAL],
  ]);
});

test('all CPUs take each other down and up', async () => {
  await using machine = await Machine.boot({ cpus: 4 });
  const taken = await machine.run({ module, export: 'hotplugStorm', args: { rounds: 40 } });
  expect(Math.min(...(taken as number[]))).toBeGreaterThan(0);
});
