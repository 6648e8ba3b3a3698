/** Slab caches on real threads. */
import { Machine } from '@percpu/machine/boot';
import { CACHE_LINE, memblockAlloc } from '@percpu/memory';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MM_PARAMETERS } from '../src/index.ts';

const module = new URL('./programs/slab.ts', import.meta.url);

const SLOTS = 16;

interface Booted {
  readonly run: <R>(program: string, args?: unknown, cpus?: readonly number[]) => Promise<R[]>;
  /** What `exchange` and its kin need: slots, and a new cache. */
  readonly args: (rounds: number) => Promise<Record<string, number>>;
}

/** A machine for the tests of the suite that calls this. */
function booted(cpus: number, checked: boolean, debug: boolean): Booted {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.boot({
      cpus,
      checked,
      declares: MM_PARAMETERS,
      parameters: { 'mm.debug': debug, panic_on_oops: false },
    });
  });
  afterAll(() => machine.shutdown());

  const run = async <R>(
    program: string,
    args: unknown = {},
    on?: readonly number[],
  ): Promise<R[]> =>
    (await machine.run<R>(
      { module, export: program, args },
      on === undefined ? {} : { cpus: on },
    )) as R[];
  return {
    run,
    async args(rounds): Promise<Record<string, number>> {
      const slots = memblockAlloc(machine.memory, SLOTS * 4, CACHE_LINE);
      const [cache] = await run<number>('create', {}, [0]);
      return { slots, count: SLOTS, rounds, cache: cache! };
    },
  };
}

describe.each([
  // cpus, checked, debug
  [2, true, true],
  [4, true, false],
  [4, false, true],
  [8, false, false],
])('%d CPUs, checked %s, mm.debug %s', (cpus, checked, debug) => {
  const { run, args } = booted(cpus, checked, debug);

  test('objects go round and are freed elsewhere; nothing is left at the end', async () => {
    const given = await args(debug && checked ? 150 : 2000);
    const remote = await run<number>('exchange', given);
    expect(remote.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(0);
    const left = await run<number>('clear', given, [cpus - 1]);
    expect(left[cpus - 1]).toBe(0);
  });

  test('tasks allocate by size, up to several pages', async () => {
    const bytes = await run<number>('sizes', { rounds: 40 });
    expect(bytes.every((one) => one > 0)).toBe(true);
  });
});

describe.each([true, false])('mistakes, with mm.debug and checked %s', (checked) => {
  const { run, args } = booted(2, checked, true);

  test('freed by two CPUs: the second is told who was first', async () => {
    const said = await run<string>('freeTwice', await args(1));
    expect(said[1]).toMatch(/exchanged: Object already free.*Freed in .*slab\.ts.* cpu=0/);
  });

  test('a use after a free elsewhere is told at the access, if accesses are checked', async () => {
    const said = await run<string>('useAfterFree', await args(1));
    expect(said[1]).toMatch(
      checked ? /slab-use-after-free.*kmalloc-64.*Freed in .*slab\.ts.* cpu=0/ : /^nobody noticed$/,
    );
  });

  test('what nobody freed is a leak', async () => {
    const told = await run<number>('leaks', {}, [0]);
    expect(told[0]).toBe(1);
  });
});
