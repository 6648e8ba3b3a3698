/** Reader-writer locks on real threads. */
import { CACHE_LINE, memblockAlloc } from '@percpu/memory';
import { Machine } from '@percpu/machine/boot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SeqLock } from '../src/index.ts';
import { RwArena } from '../src/validate/index.ts';
import type { RwVerdict } from '../src/validate/index.ts';
import {
  bustedRwLocks,
  rwLockNamed,
  sleepingRwLocks,
  spinningRwLocks,
} from './support/rw-locks.ts';

const module = new URL('./programs/reader-writer.ts', import.meta.url);

async function verdictsOf(
  machine: Machine,
  type: string,
  { tasks, rounds, sleeps }: { tasks: number; rounds: number; sleeps: boolean },
): Promise<{ verdicts: RwVerdict[]; counted: number }> {
  const lock = memblockAlloc(machine.memory, rwLockNamed(type).layout.size, CACHE_LINE);
  const arena = memblockAlloc(machine.memory, RwArena.size, CACHE_LINE);
  const args = { type, lock, arena, tasks, rounds, sleeps };
  await machine.run({ module, export: 'init', args }, { cpus: [0] });
  const answers = await machine.run<RwVerdict[]>({ module, export: 'validate', args });
  return {
    verdicts: (answers as RwVerdict[][]).flat(),
    counted: machine.memory.read(arena + RwArena.second),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

describe.each([
  // cpus, checked
  [2, true],
  [4, false],
  [16, true],
])('%d CPUs, checked %s', (cpus, checked) => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.boot({ cpus, checked });
  });
  afterAll(() => machine.shutdown());

  test.each([
    ...spinningRwLocks.map(({ name }) => ({ name, tasks: 1, sleeps: false })),
    ...sleepingRwLocks.map(({ name }) => ({ name, tasks: 3, sleeps: true })),
  ])('$name: exclusion, sharing, no lost update', async ({ name, tasks, sleeps }) => {
    const rounds = Math.ceil(400 / cpus);
    const { verdicts, counted } = await verdictsOf(machine, name, { tasks, rounds, sleeps });
    expect(verdicts.flatMap(({ violations }) => violations)).toEqual([]);
    expect(counted).toBe(sum(verdicts.map(({ writes }) => writes)));
    // Readers that hold while they sleep do meet; those that spin may be too few to.
    if (sleeps) expect(Math.max(...verdicts.map(({ together }) => together))).toBeGreaterThan(1);
  });

  test('seqlock: readers never keep a torn pair', async () => {
    const lock = memblockAlloc(machine.memory, SeqLock.size, CACHE_LINE);
    const data = memblockAlloc(machine.memory, 8, CACHE_LINE);
    const answers = await machine.run<{ torn: number; last: number }>({
      module,
      export: 'seqlock',
      args: { lock, data, rounds: 200 },
    });
    expect(answers).toEqual(Array(cpus).fill({ torn: 0, last: 200 }));
  });
});

describe('busted twins are caught', () => {
  let machine: Machine;
  beforeAll(async () => {
    // Unchecked: the debug mode would catch some of them first.
    machine = await Machine.boot({ cpus: 3, checked: false });
  });
  afterAll(() => machine.shutdown());

  test.each(bustedRwLocks.map(({ name }) => name))('%s', async (type) => {
    const { verdicts } = await verdictsOf(machine, type, { tasks: 3, rounds: 60, sleeps: true });
    expect(verdicts.flatMap(({ violations }) => violations).join('\n')).toMatch(
      /a (reader|writer) beside|read \d+, \d+/,
    );
  });
});
