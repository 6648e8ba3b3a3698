/** The validators on real threads: every lock passes, every busted twin is caught. */
import { CACHE_LINE, memblockAlloc } from '@percpu/memory';
import type { NativeBackend } from '@percpu/memory';
import { Machine } from '@percpu/machine/boot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FifoArena, SpinArena } from '../src/validate/index.ts';
import type { SpinVerdict } from '../src/validate/index.ts';
import { good } from './support/busted.ts';

const module = new URL('./programs/validate.ts', import.meta.url);

async function runSpin(
  machine: Machine,
  type: string,
  rounds: number,
): Promise<{ verdicts: SpinVerdict[]; counted: number }> {
  const lock = memblockAlloc(machine.memory, CACHE_LINE);
  const arena = memblockAlloc(machine.memory, SpinArena.size);
  const cpus = machine.info.nrBooted;
  const args = { type, lock, arena, cpus, rounds };
  const verdicts = [
    ...(await machine.run<SpinVerdict>({ module, export: 'spin', args })),
  ] as SpinVerdict[];
  return { verdicts, counted: machine.memory.read(arena + SpinArena.third) };
}

const machines = [
  // cpus, checked, backend: the last two run the composite steps
  [2, true, 'wasm'],
  [4, true, 'atomics'],
  [2, false, 'wasm'],
  [16, false, 'wasm'],
] as const satisfies readonly (readonly [number, boolean, NativeBackend])[];

describe.each(machines)('%d CPUs, checked %s, %s', (cpus, checked, backend) => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.boot({ cpus, checked, parameters: { 'memory.backend': backend } });
  });
  afterAll(() => machine.shutdown());

  test.each(good.map((type) => type.name))(
    '%s: exclusion, no lost update, context restored',
    async (type) => {
      const rounds = Math.ceil(800 / cpus);
      const { verdicts, counted } = await runSpin(machine, type, rounds);
      expect(verdicts.flatMap((verdict) => verdict.violations)).toEqual([]);
      expect(counted).toBe(rounds * cpus);
    },
  );

  test.each(['ticket', 'mcs', 'clh', 'queued'])('%s: first come, first served', async (type) => {
    const lock = memblockAlloc(machine.memory, CACHE_LINE);
    const arena = memblockAlloc(machine.memory, FifoArena.size);
    const places = await machine.run({ module, export: 'fifo', args: { type, lock, arena, cpus } });
    expect(places).toEqual(Array.from({ length: cpus }, (_, id) => id));
  });
});

describe('busted twins are caught', () => {
  let machine: Machine;
  beforeAll(async () => {
    // Unchecked: the checks of the locks themselves would catch some of them first.
    machine = await Machine.boot({ cpus: 3, checked: false });
  });
  afterAll(() => machine.shutdown());

  const together = /CPUs inside at the same time|read \d+, \d+, \d+/;
  test.each<[string, RegExp]>([
    // twin                          what the validator says
    ['tas-not-atomic', together],
    ['ttas-impatient', together],
    ['ticket-serves-two', together],
    ['mcs-does-not-wait', together],
    ['ticket-forgets-interrupts', /interrupts are off after the unlock/],
    ['ttas-leaks-preemption', /preempt count is not what it was/],
  ])('%s', async (type, caught) => {
    const { verdicts } = await runSpin(machine, type, 200);
    expect(verdicts.flatMap((verdict) => verdict.violations).join('\n')).toMatch(caught);
  });

  test('ticket-newest-first', async () => {
    const type = 'ticket-newest-first';
    const lock = memblockAlloc(machine.memory, CACHE_LINE);
    const arena = memblockAlloc(machine.memory, FifoArena.size);
    const places = await machine.run({
      module,
      export: 'fifo',
      args: { type, lock, arena, cpus: 3 },
    });
    expect(places).toEqual([0, 2, 1]);
  });
});
