import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { createMemory, memblockAlloc } from '../src/index.ts';
import type { Memory, NativeBackend, Ptr } from '../src/index.ts';
import { BYTES } from './every-memory.ts';
import { WORDS } from './hammer-job.ts';
import type { Job } from './hammer-job.ts';

type Pair = readonly [NativeBackend, NativeBackend];

const PAIRS: readonly (readonly [string, Pair, boolean])[] = [
  ['two of atomics', ['atomics', 'atomics'], false],
  ['two of wasm', ['wasm', 'wasm'], false],
  ['one of each', ['atomics', 'wasm'], false],
  ['one of each, checked', ['wasm', 'atomics'], true],
];

/** Runs `what` on two threads to its end; returns the memory and where the words are. */
async function onTwoThreads(
  what: Job['what'],
  [first, second]: Pair,
  checked: boolean,
  rounds: number,
): Promise<{ memory: Memory; at: Ptr }> {
  const memory = createMemory({ bytes: BYTES, backend: first });
  const at = memblockAlloc(memory, WORDS.size);
  const start = (backend: NativeBackend, self: number): Worker => {
    const job: Job = { native: memory.native!, backend, checked, what, at, self, rounds };
    return new Worker(new URL('./hammer-worker.ts', import.meta.url), { workerData: job });
  };
  const exits = [start(first, 0), start(second, 1)].map((worker) => once(worker, 'exit'));
  expect(await Promise.all(exits)).toEqual([[0], [0]]);
  return { memory, at };
}

test.each(PAIRS)('nothing is lost between threads: %s', async (_name, backends, checked) => {
  const rounds = 5_000;
  const { memory, at } = await onTwoThreads('hammer', backends, checked, rounds);
  const both = 2 * rounds;
  expect({
    add: memory.load(at + WORDS.add),
    add64: memory.load64(at + WORDS.add64),
    addBig64: memory.loadBig64(at + WORDS.addBig64),
    compareExchange: memory.load(at + WORDS.compareExchange),
    compareExchange8: memory.load8(at + WORDS.compareExchange8),
    compareExchange16: memory.load16(at + WORDS.compareExchange16),
    compareExchange64: memory.load64(at + WORDS.compareExchange64),
    bits: memory.load(at + WORDS.bits),
    taken:
      memory.load(at + WORDS.taken) +
      memory.load(at + WORDS.taken + 4) +
      memory.load(at + WORDS.exchanged),
  }).toEqual({
    add: both,
    add64: both,
    addBig64: BigInt(both),
    compareExchange: both,
    compareExchange8: both % 2 ** 8,
    compareExchange16: both % 2 ** 16,
    compareExchange64: both,
    bits: 0,
    taken: both,
  });
});

test.each(PAIRS)('wait and notify lose no turn: %s', async (_name, backends, checked) => {
  const rounds = 1_000;
  const { memory, at } = await onTwoThreads('ping-pong', backends, checked, rounds);
  expect(memory.load(at + WORDS.turn)).toBe(2 * rounds);
});
