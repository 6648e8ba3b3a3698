/** Functions called on other CPUs, on real threads. */
import { memblockAlloc } from '@percpu/memory';
import { afterEach, describe, expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';
import type { BootOptions } from '../../src/boot/index.ts';
import { Errno } from '../../src/index.ts';
import type { CallKind, ContextName } from '../programs/calls.ts';

const module = new URL('../programs/calls.ts', import.meta.url);

let machine: Machine;
afterEach(() => machine.shutdown());

/** Runs a program of calls.ts on all CPUs with some shared words at `at`. */
async function run(
  cpus: number,
  name: string,
  args: object,
  boot: Partial<BootOptions> = {},
): Promise<{ results: readonly unknown[]; counts: number[] }> {
  machine = await Machine.boot({ cpus, ...boot });
  const at = memblockAlloc(machine.memory, 8192);
  const results = await machine.run({ module, export: name, args: { at, rounds: 100, ...args } });
  const counts = Array.from({ length: cpus }, (_, id) => machine.memory.load(at + id * 4));
  return { results, counts };
}

describe('every CPU calls every CPU at once, and no call is lost', () => {
  test.each<[CallKind, number, number]>([
    // kind          CPUs  spin.budget
    ['single', 4, 200],
    ['single', 4, 0],
    ['singleNoWait', 4, 200],
    ['others', 4, 200],
    ['each', 4, 200],
    ['each', 4, 0],
    ['eachNoWait', 4, 200],
    ['mask', 4, 200],
    ['each', 1, 200],
    ['each', 33, 200],
  ])('%s on %d CPUs, spin.budget %d', async (kind, cpus, budget) => {
    const rounds = cpus > 8 ? 10 : 200;
    const { counts } = await run(
      cpus,
      'storm',
      { kind, rounds },
      { parameters: { 'spin.budget': budget } },
    );
    expect(counts).toEqual(Array<number>(cpus).fill(cpus * rounds));
  });
});

test('what the function wrote is there when the call returns', async () => {
  expect((await run(3, 'publishes', { rounds: 2000 })).results).toEqual([0, 0, 0]);
});

test('a call reaches a CPU that is parked in a wait', async () => {
  const { results } = await run(2, 'reachesParked', {}, { parameters: { 'spin.budget': 0 } });
  expect(results).toEqual([1, 77]);
});

test('a CPU with interrupts off takes it when they are on again', async () => {
  expect((await run(2, 'waitsForIrqs', {})).results).toEqual([1, 0]);
});

test('a called function may call on without waiting; a csd in use is -EBUSY', async () => {
  const { results, counts } = await run(3, 'relays', { rounds: 200 });
  const refused = (results as number[]).reduce((sum, one) => sum + one, 0);
  const taken = counts.reduce((sum, one) => sum + one, 0);
  expect(taken + refused).toBe(2 * 200);
});

test('CPUs that are not online: -ENXIO, and skipped in a broadcast', async () => {
  const { results } = await run(1, 'offline', {}, { joinable: 1 });
  expect(results).toEqual([[Errno.ENXIO, Errno.ENXIO, Errno.ENXIO, 1]]);
});

test.each<[ContextName, RegExp | undefined]>([
  // called from  WARNs
  ['task', undefined],
  ['irqsOff', /smpCallFunctionSingle with interrupts off can deadlock/],
  ['hardirq', /smpCallFunctionSingle outside of task context can deadlock/],
  ['bhOff', undefined],
])('deadlock rules: from %s', async (context, warning) => {
  await run(1, 'callsFrom', { context });
  const log = machine.dmesg().join('\n');
  if (warning === undefined) expect(log).toBe('');
  else expect(log).toMatch(warning);
});

test('IPIs are counted on both sides', async () => {
  const { counts } = await run(2, 'storm', { kind: 'others', rounds: 50 });
  expect(counts).toEqual([100, 100]);
  const [a, b] = machine.counters();
  expect(a!.callsRun + b!.callsRun).toBe(100);
  expect(a!.ipisSent).toBeGreaterThan(0);
  expect(a!.ipisSent).toBeLessThanOrEqual(50);
  expect(b!.ipisTaken).toBeLessThanOrEqual(a!.ipisSent);
});
