import { describe, expect, test } from 'vitest';
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

const callbacks = new URL('../programs/hotplug-callbacks.ts', import.meta.url);

describe('callbacks', () => {
  // p, s, o: sections prepare, starting, online; + up, - down, ! fails; then the CPU it is about.
  const up = ['p+1', 's+1', 'a+1', 'b+1'];
  const down = ['b-1', 'a-1', 's-1', 'p-1'];
  test.each([
    ['all well', '', [0, ...down], [0, ...up]],
    [
      'a teardown fails: what was taken down comes up again',
      'a-',
      [Errno.EBUSY, 'b-1', 'a-1!', 'b+1'],
      [0],
    ],
    ['a prepare fails: the CPU stays down', 'p+', [0, ...down], [Errno.EBUSY, 'p+1!']],
    [
      'a startup fails: all the way down again',
      'b+',
      [0, ...down],
      [Errno.EBUSY, 'p+1', 's+1', 'a+1', 'b+1!', 'a-1', 's-1', 'p-1'],
    ],
  ])('%s', async (_, fails, wentDown, cameUp) => {
    await using machine = await Machine.boot({ cpus: 3 });
    await machine.run({ module: callbacks, export: 'defineCallbacks', args: { fails } });
    const [result] = await machine.run({ module: callbacks, export: 'downUp' }, { cpus: [0] });
    expect(result).toEqual({ down: wentDown, up: cameUp });
  });

  test('setup calls the startups of all CPUs, undoes them when one fails; remove calls the teardowns', async () => {
    await using machine = await Machine.boot({ cpus: 3 });
    await machine.run({ module: callbacks, export: 'defineCallbacks', args: { fails: 'f+' } });
    const [result] = await machine.run(
      { module: callbacks, export: 'setupAndRemove' },
      { cpus: [0] },
    );
    expect(result).toEqual([
      ['set up', true, 'b+0', 'b+1', 'b+2'],
      ['removed', 0, 'b-2', 'b-1', 'b-0'],
      ['removed again', Errno.EINVAL],
      ['one fails', Errno.EBUSY, 'f+0', 'f+1!', 'f-0'],
      ['table full', Errno.ENOSPC],
    ]);
  });
});
