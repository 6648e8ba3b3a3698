/**
 * What every JavaScript thread does in a window, ours and the peers' alike:
 *
 *   all arrive ─ warm-up until its deadline ─ all arrive ─ measured until its deadline ─ report
 *
 * Work comes in batches of up to 1000 operations for each look at the clock, fewer where they take
 * long, so that a window ends within about 50 µs of its deadline. Each batch is one call of a function
 * that has run nothing else in its thread.
 */
import type { ThreadReport, Window } from './team.ts';

/** Does so many operations: lock, plain increment of the counter, unlock. */
export type Batch = (operations: number) => void;

export const MAX_BATCH = 1000;
const BATCH_NS = 50_000;

/** The next batch: as many operations as should take BATCH_NS; growing by doubling, shrinking at once. */
export function nextBatch(operations: number, elapsedNs: number): number {
  const fitting = Math.floor((operations * BATCH_NS) / Math.max(elapsedNs, 1));
  return Math.max(1, Math.min(fitting, operations * 2, MAX_BATCH));
}

/** The words that the threads of a team share to begin together. A line each. */
const ARRIVED = 0;
const GENERATION = 32;
const WORDS = 64;
/** Behind the words, as a double: when the last one arrived. */
const START_AT = WORDS * 4;

export function newStartLine(): SharedArrayBuffer {
  return new SharedArrayBuffer(START_AT + 8);
}

/** ns on the monotonic clock of the host, the same for all threads. */
function now(): number {
  return Number(process.hrtime.bigint());
}

const NS_PER_MS = 1e6;

export function inWindow(
  startLine: SharedArrayBuffer,
  threads: number,
  batch: Batch,
  { warmUpMs, measureMs }: Window,
): ThreadReport {
  const warm = runUntil(arrive(startLine, threads) + warmUpMs * NS_PER_MS, batch);
  const started = arrive(startLine, threads);
  const { operations, ended } = runUntil(started + measureMs * NS_PER_MS, batch);
  return { warmUp: warm.operations, ops: operations, started, ended };
}

interface Ran {
  readonly operations: number;
  readonly ended: number;
}

/** At least one batch: a time per operation needs an operation. */
function runUntil(deadline: number, batch: Batch): Ran {
  let operations = 0;
  let size = 1;
  let before = now();
  do {
    batch(size);
    operations += size;
    const after = now();
    size = nextBatch(size, after - before);
    before = after;
  } while (before < deadline);
  return { operations, ended: before };
}

/** Returns, to all at once, the time at which the last one arrived. */
function arrive(startLine: SharedArrayBuffer, threads: number): number {
  const words = new Int32Array(startLine, 0, WORDS);
  const start = new Float64Array(startLine, START_AT);
  // Before we count ourselves: this round cannot end without us.
  const generation = Atomics.load(words, GENERATION);
  if (Atomics.add(words, ARRIVED, 1) === threads - 1) {
    Atomics.store(words, ARRIVED, 0);
    start[0] = now();
    // Pairs with the loads below: who sees the new generation sees the time.
    Atomics.add(words, GENERATION, 1);
    Atomics.notify(words, GENERATION);
  } else {
    while (Atomics.load(words, GENERATION) === generation)
      Atomics.wait(words, GENERATION, generation);
  }
  return start[0]!;
}
