/** Machines that do what they are told. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';

/** Results by CPU number, with holes where no CPU took part. */
const sparse = (values: Record<number, unknown>): unknown[] => Object.assign([], values);

const module = new URL('../programs/basics.ts', import.meta.url);

describe('programs', () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.boot({ cpus: 4 });
  });
  afterAll(() => machine.shutdown());

  test.each([
    // program   on              results
    ['main', 'all', [0, 3, 6, 9]],
    ['task', 'all', [0, 3, 6, 9]],
    ['later', 'all', [0, 3, 6, 9]],
    ['main', [1, 3, 3], sparse({ 1: 3, 3: 9 })],
  ] as const)('%s on %s', async (program, cpus, results) => {
    expect(await machine.run({ module, export: program, args: 3 }, { cpus })).toEqual(results);
  });

  test('args and results are structured clones', async () => {
    const args = { list: [1, 2], map: new Map([['a', new Date(0)]]), big: 7n };
    const [result] = await machine.run({ module, export: 'echo', args }, { cpus: [0] });
    expect(result).toEqual(args);
  });

  test('a program starts as a task that may be switched', async () => {
    const [context] = await machine.run({ module, export: 'context' }, { cpus: [0] });
    expect(context).toEqual({ inTask: true, inAtomic: false, preemptCount: 0, nrCpus: 4 });
  });

  test('an async program leaves its CPU to others', async () => {
    const waiting = machine.run<number>({ module, export: 'awaits' }, { cpus: [2] });
    expect(await machine.run({ module, args: 3 }, { cpus: [2] })).toEqual(sparse({ 2: 6 }));
    await machine.run({ module, export: 'release' }, { cpus: [2] });
    expect((await waiting)[2]).toBe(2);
  });

  test('many runs at once take turns', async () => {
    const runs = Array.from({ length: 20 }, (_, i) =>
      machine.run({ module, export: 'task', args: i }),
    );
    const results = await Promise.all(runs);
    expect(results).toEqual(results.map((_, i) => [0, i, 2 * i, 3 * i]));
  });
});

describe('shutdown', () => {
  test('ends runs under way, and further ones are refused', async () => {
    const faults = new URL('../programs/faults.ts', import.meta.url);
    const machine = await Machine.boot({ cpus: 2 });
    const running = machine.run({ module: faults, export: 'spinsWithRelax' });
    const rejected = expect(running).rejects.toThrow(/shut down while the program ran/);
    await machine.shutdown();
    await rejected;
    await expect(machine.run({ module })).rejects.toThrow(/not up: it was shut down; boot another/);
  });

  test('leaves no thread behind', async () => {
    const machine = await Machine.boot({ cpus: 8 });
    await machine.shutdown();
    expect(
      process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name)),
    ).toEqual([]);
  });
});

test.each([
  // backend   checked
  ['atomics', true],
  ['atomics', false],
  ['wasm', true],
  ['wasm', false],
] as const)('backend %s, checked %s', async (backend, checked) => {
  await using machine = await Machine.boot({
    cpus: 2,
    checked,
    parameters: { 'memory.backend': backend },
  });
  expect(machine.memory.backend).toBe(backend);
  expect(await machine.run({ module, args: 5 })).toEqual([0, 5]);
});

test('one CPU is a machine too, and counters can be read at any time', async () => {
  await using machine = await Machine.boot({ cpus: 1 });
  await machine.run({ module });
  const [counters] = machine.counters();
  expect(counters!.interrupts).toBeGreaterThan(0);
});
