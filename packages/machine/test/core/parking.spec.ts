/** Waiting for words: bounded spin, parking, and who is woken. On real threads, more of them than cores. */
import { memblockAlloc } from '@percpu/memory';
import { afterEach, expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';
import type { ParameterValues } from '../../src/index.ts';
import { CpuState } from '../../src/index.ts';

const module = new URL('../programs/parking.ts', import.meta.url);

let machine: Machine;
afterEach(() => machine.shutdown());

async function run(
  cpus: number,
  name: string,
  args: object = {},
  parameters: ParameterValues = {},
): Promise<readonly unknown[]> {
  machine = await Machine.boot({ cpus, parameters });
  const at = memblockAlloc(machine.memory, 128);
  return machine.run({ module, export: name, args: { at, rounds: 300, ...args } });
}

test.each([
  // program       CPUs  spin.budget
  ['ring', 2, 0],
  ['ring', 2, 200],
  ['ring', 2, 1_000_000],
  ['ring', 8, 0],
  ['ring', 8, 200],
  ['ringForAll', 2, 0],
  ['ringForAll', 5, 50],
])('a token goes round: %s, %d CPUs, spin.budget %d', async (name, cpus, budget) => {
  const rounds = budget === 1_000_000 ? 20 : 300;
  const had = await run(cpus, name, { rounds }, { 'spin.budget': budget });
  expect(had).toEqual(Array<number>(cpus).fill(rounds));
});

test('an unpark with a value wakes only who waits for it', async () => {
  expect(await run(6, 'keyed', {}, { 'spin.budget': 0 })).toEqual([-1, 4, 3, 2, 1, 0]);
});

test.each([
  ['on', 1],
  ['off', 0],
])(
  'parked with interrupts %s, an interrupt is taken %d times before the wait ends',
  async (irqs, times) => {
    expect(await run(2, 'interrupted', { irqs }, { 'spin.budget': 0 })).toEqual([-1, times]);
  },
);

test('an interrupt handler may park on top of a parked wait', async () => {
  expect(await run(2, 'nested', {}, { 'spin.budget': 0 })).toEqual([[], [22, 11]]);
});

test.each([[0], [100], [2000]])('a bare relax loop ends, relax.budget %d', async (budget) => {
  const states = await run(2, 'relaxes', {}, { 'relax.budget': budget });
  expect(states).toEqual([0, CpuState.running]);
});

test('spins and parks are counted', async () => {
  await run(2, 'ring', {}, { 'spin.budget': 10 });
  const total = machine
    .counters()
    .map(({ spins, parks }) => ({ spins: spins > 0, parks: parks >= 0 }));
  expect(total).toEqual(Array(2).fill({ spins: true, parks: true }));
});
