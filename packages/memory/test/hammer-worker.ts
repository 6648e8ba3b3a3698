/** One of two threads that change the same words as fast as they can; see threads.spec.ts. */
import { workerData } from 'node:worker_threads';
import { createMemory } from '../src/index.ts';
import type { Memory, Ptr } from '../src/index.ts';
import { WORDS } from './hammer-job.ts';
import type { Job } from './hammer-job.ts';

function hammer(memory: Memory, { at, rounds, self }: Job): void {
  meet(memory, at + WORDS.ready);
  let seen = 0;
  for (let round = 0; round < rounds; round++) {
    memory.fetchAdd(at + WORDS.add, 1);
    memory.fetchAdd64(at + WORDS.add64, 1);
    memory.fetchAddBig64(at + WORDS.addBig64, 1n);
    increment(memory.load(at + WORDS.compareExchange), 32, (old, by) =>
      memory.compareExchange(at + WORDS.compareExchange, old, by),
    );
    increment(memory.load8(at + WORDS.compareExchange8), 8, (old, by) =>
      memory.compareExchange8(at + WORDS.compareExchange8, old, by),
    );
    increment(memory.load16(at + WORDS.compareExchange16), 16, (old, by) =>
      memory.compareExchange16(at + WORDS.compareExchange16, old, by),
    );
    increment(memory.load64(at + WORDS.compareExchange64), 53, (old, by) =>
      memory.compareExchange64(at + WORDS.compareExchange64, old, by),
    );
    // Own bits of a common word: a lost update would leave one standing.
    const mine = 1 << (self * 16 + (round % 16));
    memory.fetchOr(at + WORDS.bits, mine);
    memory.fetchAnd(at + WORDS.bits, ~mine);
    // What is put in comes out exactly once.
    seen += memory.exchange(at + WORDS.exchanged, 1);
  }
  memory.store(at + WORDS.taken + 4 * self, seen);
}

function increment(
  start: number,
  bits: number,
  exchange: (expected: number, replacement: number) => number,
): void {
  let old = start;
  for (;;) {
    const seen = exchange(old, (old + 1) % 2 ** bits);
    if (seen === old) return;
    old = seen;
  }
}

function pingPong(memory: Memory, { at, rounds, self }: Job): void {
  const turn = at + WORDS.turn;
  for (let round = 0; round < rounds; round++) {
    for (let now = memory.load(turn); now % 2 !== self; now = memory.load(turn)) {
      memory.wait(turn, now);
    }
    memory.fetchAdd(turn, 1);
    memory.notify(turn);
  }
}

/** Both threads at once, or it would be no test of two. */
function meet(memory: Memory, ready: Ptr): void {
  memory.fetchAdd(ready, 1);
  memory.notify(ready);
  for (let seen = memory.load(ready); seen < 2; seen = memory.load(ready)) memory.wait(ready, seen);
}

const job = workerData as Job;
const memory = createMemory({ native: job.native, backend: job.backend, checked: job.checked });
if (job.what === 'hammer') hammer(memory, job);
else pingPong(memory, job);
