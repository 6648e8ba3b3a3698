/** Worker threads that are not ours become CPUs, and leave again. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { memblockAlloc, memblockLeft } from '@percpu/memory';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Machine } from '../../src/boot/index.ts';
import { join, leave } from '../../src/index.ts';
import type { JoinHandle } from '../../src/index.ts';

const calls = new URL('../programs/join-calls.ts', import.meta.url);

let machine: Machine;
let at: number;
beforeEach(async () => {
  machine = await Machine.boot({ cpus: 2, joinable: 2 });
  at = memblockAlloc(machine.memory, 256);
});
afterEach(() => machine.shutdown());

function worker(what: string): Worker {
  const file = new URL('../programs/join-worker.ts', import.meta.url);
  return new Worker(file, { workerData: { handle: machine.joinHandle(), what, at } });
}

const answer = async (of: Worker): Promise<unknown> => (await once(of, 'message'))[0];

test('a joined thread runs tasks to their end', async () => {
  expect(await answer(worker('block'))).toEqual({ result: 205 });
});

test('two threads have two CPUs, and the slots are free again afterwards', async () => {
  const results = await Promise.all([worker('comesAndGoes'), worker('comesAndGoes')].map(answer));
  expect(results).toHaveLength(2);
  expect(await answer(worker('block'))).toEqual({ result: 205 });
});

test('a joined thread calls the machine', async () => {
  await machine.run({ module: calls, export: 'define', args: { at } });
  expect(await answer(worker('callsAll'))).toEqual({ result: 2 });
  expect([0, 1, 2, 3].map((cpu) => machine.memory.load(at + cpu * 4))).toEqual([1, 1, 1, 0]);
});

test('and is called by it while it sits in its event loop', async () => {
  const joined = worker('isCalled');
  expect(await answer(joined)).toBe('ready');
  const last = answer(joined);
  const called = machine.run(
    { module: calls, export: 'call', args: { at, target: 2 } },
    { cpus: [0] },
  );
  expect(await last).toEqual({ result: 2 });
  expect(await called).toEqual([0]);
});

test('no call is lost when it comes and goes', async () => {
  const calling = machine.run<number>({
    module: calls,
    export: 'callsOn',
    args: { at, target: 2 },
  });
  await answer(worker('comesAndGoes'));
  machine.memory.store(at + 128, 1);
  const [a, b] = await calling;
  expect(machine.memory.load(at + 8)).toBe(a! + b!);
});

test('a machine that dies tells it at its next look', async () => {
  const joined = worker('dies');
  await answer(joined);
  const last = answer(joined);
  const faults = new URL('../programs/faults.ts', import.meta.url);
  const run = machine.run({ module: faults, export: 'panics', args: { who: 0 } }, { cpus: [0] });
  await expect(run).rejects.toThrow(/enough is enough/);
  expect(await last).toEqual({ result: 'CpuStopped' });
});

test('coming and going uses nothing up', () => {
  const handle = machine.joinHandle();
  leave(join(handle));
  const left = memblockLeft(machine.memory);
  // More often than there are task structs.
  for (let i = 0; i < 1000; i++) leave(join(handle));
  expect(memblockLeft(machine.memory)).toBe(left);
});

describe('join refuses', () => {
  test('what is no handle', () => {
    expect(() => join({} as JoinHandle)).toThrow(
      /accepted is what machine\.joinHandle\(\) returned/,
    );
  });

  test('a machine that reserved nothing', async () => {
    await using closed = await Machine.boot({ cpus: 1 });
    expect(() => join(closed.joinHandle())).toThrow(/reserved no CPUs; boot it with joinable: n/);
  });

  test('more threads than slots', async () => {
    const handle = machine.joinHandle();
    const both = [join(handle), join(handle)];
    expect(both.map(({ id }) => id)).toEqual([2, 3]);
    expect(() => join(handle)).toThrow(/all 2 reserved CPUs are taken/);
  });
});
