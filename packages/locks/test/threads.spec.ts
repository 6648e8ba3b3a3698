/** Sleeping locks, completions, wait queues and counters on real threads. */
import { CACHE_LINE, memblockAlloc, percpuAlloc, perCpuPtr } from '@percpu/memory';
import { Machine } from '@percpu/machine/boot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Completion, Mutex, Semaphore, PercpuCounter, WaitQueue } from '../src/index.ts';
import { SleepingArena } from '../src/validate/index.ts';
import type { SpinVerdict } from '../src/validate/index.ts';

const module = new URL('./programs/sleeping.ts', import.meta.url);

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

  const alloc = (size: number): number => memblockAlloc(machine.memory, size, CACHE_LINE);
  const run = <R>(program: string, args: unknown): Promise<R[]> =>
    machine.run<R>({ module, export: program, args }) as Promise<R[]>;

  async function mutexVerdicts(
    type: string,
    tasks: number,
    rounds: number,
  ): Promise<{ verdicts: SpinVerdict[]; counted: number }> {
    const lock = alloc(2 * CACHE_LINE);
    if (type === 'semaphore') machine.memory.write(lock + Semaphore.count, 1);
    const args = { type, lock, arena: alloc(SleepingArena.size), tasks, rounds };
    const verdicts = (await run<SpinVerdict[]>('mutex', args)).flat();
    return { verdicts, counted: machine.memory.read(args.arena + SleepingArena.second) };
  }

  test.each([
    'mutex',
    'semaphore',
    'rt-mutex',
    'rt-mutex-priorities',
    'ww-mutex',
    'mutex-interruptible',
  ])('%s: exclusion and no lost update, with several tasks on each CPU', async (type) => {
    const rounds = Math.ceil(200 / cpus);
    const { verdicts, counted } = await mutexVerdicts(type, 3, rounds);
    expect(verdicts.flatMap((verdict) => verdict.violations)).toEqual([]);
    expect(counted).toBe(3 * cpus * rounds);
  });

  test('busted twin: a mutex that is taken after any sleep', async () => {
    const { verdicts } = await mutexVerdicts('mutex-takes-after-sleep', 3, 20);
    expect(verdicts.flatMap((verdict) => verdict.violations).join('\n')).toMatch(
      /tasks inside at the same time|read \d+, \d+/,
    );
  });

  test('mutex from plain programs, which block', async () => {
    const args = { lock: alloc(Mutex.size), data: alloc(4), rounds: Math.ceil(400 / cpus) };
    await run('plainMutex', args);
    expect(machine.memory.read(args.data)).toBe(args.rounds * cpus);
  });

  test('completions hand a token round', async () => {
    const stride = CACHE_LINE;
    const at = alloc(cpus * stride);
    machine.memory.write(at + Completion.done, 1);
    const rounds = Math.ceil(100 / cpus);
    expect(await run('tokenRing', { at, stride, cpus, rounds })).toEqual(Array(cpus).fill(rounds));
  });

  test('a wait queue between producers and consumers: every item is taken once', async () => {
    const total = 240;
    const args = { queue: alloc(WaitQueue.size), items: alloc(4), taken: alloc(4), total };
    const moved = await run<number>('producersConsumers', args);
    const sum = (parity: number): number =>
      moved.filter((_, id) => id % 2 === parity).reduce((all, one) => all + one, 0);
    expect([sum(0), sum(1)]).toEqual([total, total]);
  });

  test('complete in a hard interrupt', async () => {
    const at = alloc(2 * CACHE_LINE);
    const program = { module, export: 'completedByInterrupt', args: { at } };
    expect(await machine.run(program, { cpus: [0, 1] })).toEqual(['sent', 'passed']);
  });

  test('timeouts: 0 when time is up, never early, what is left otherwise', async () => {
    const args = {
      completion: alloc(Completion.size),
      queue: alloc(WaitQueue.size),
      semaphore: alloc(Semaphore.size),
    };
    const [answers] = await machine
      .run({ module, export: 'timeouts', args }, { cpus: [1] })
      .then((all) => [all[1]]);
    expect(answers).toEqual([true, false, true, true, true, true, true]);
  });

  test('per-CPU counters: the sum is exact when all have finished', async () => {
    const counter = alloc(PercpuCounter.size);
    const simple = percpuAlloc(machine.memory, machine.info.percpu, 4, 4);
    await machine.run({ module, export: 'initCounter', args: { counter } }, { cpus: [1] });
    await run('count', { counter, simple, rounds: 500 });
    const local = machine.memory.read(counter + PercpuCounter.local);
    let sum = machine.memory.load64(counter + PercpuCounter.count);
    let simpleSum = 0;
    for (let id = 0; id < cpus; id++) {
      sum += machine.memory.load(perCpuPtr(machine.info.percpu, local, id)) | 0;
      simpleSum += machine.memory.load(perCpuPtr(machine.info.percpu, simple, id));
    }
    expect([sum, simpleSum]).toEqual([7 + (cpus / 2) * 500 * 2, cpus * 500]);
  });

  test('hooks hear of contention', async () => {
    const lock = alloc(2 * CACHE_LINE);
    const heard = await machine.run(
      { module, export: 'contended', args: { lock } },
      { cpus: [0, 1] },
    );
    expect(heard[1]).toEqual(['acquire', 'contended', 'acquired', 'release']);
  });
});
