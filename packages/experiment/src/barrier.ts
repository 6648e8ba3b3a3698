/**
 * A barrier for `n` CPUs: none leaves before all have come. Sense-reversing, with a counter for a
 * sense (Hensgen, Finkel and Manber 1988; Mellor-Crummey and Scott 1991): waiting is for a change of
 * `generation`, so that a slow leaver cannot be mistaken for an early arrival of the next round.
 *
 *   count       arrivals of this round   0 → 1 → … → n−1 ─┐ the last one resets it,
 *   generation  finished rounds                            └→ then +1, which lets all go
 *
 * The two words sit on different lines: arrivals do not disturb those who wait. Waiting goes
 * through the CPU, which parks after a bounded spin, so oversubscribed hosts make progress.
 */

import { LINE, type BenchCpu, type Ptr } from './bench-cpu.ts';

const COUNT = 0;
const GENERATION = LINE;

/** Not a number of rounds: the barrier is broken, for ever. */
const BROKEN = 0xffff_ffff;
const LAST_GENERATION = 0x7fff_ffff;

/** Bytes; zeroed before the first use. */
export const BARRIER_BYTES: number = 2 * LINE;

/**
 * Returns true, at once, to the last one to arrive, who must then call `releaseBarrier`. The others
 * wait, and get false; so does everyone once the barrier is broken.
 */
export function arriveAtBarrier(cpu: BenchCpu, at: Ptr, n: number): boolean {
  const { memory } = cpu;
  // Before we count ourselves: this round cannot end, and the number not change, without us.
  // Edge B: pairs with breakBarrier.
  const generation = memory.load(at + GENERATION);
  if (generation === BROKEN) return false;
  // Edge A: the last arrival reads all earlier ones, and with them what those CPUs wrote before.
  if (memory.fetchAdd(at + COUNT, 1) === n - 1) return true;
  // Edge R: pairs with the store in releaseBarrier; edge B as above.
  while (memory.load(at + GENERATION) === generation)
    cpu.waitWhileEquals(at + GENERATION, generation);
  return false;
}

/** The last arrival opens the barrier. What it has written since is seen by all who leave. */
export function releaseBarrier(cpu: BenchCpu, at: Ptr): void {
  const { memory } = cpu;
  // Reset first: whoever edge R lets go may arrive at the next round at once.
  memory.store(at + COUNT, 0);
  // Edge R. All n CPUs are in this round, so nobody else writes the word: no fetchAdd.
  memory.store(at + GENERATION, (memory.load(at + GENERATION) + 1) & LAST_GENERATION);
  cpu.unpark(at + GENERATION);
}

/** Lets everyone go, now and in future, because the caller has failed and will never arrive. */
export function breakBarrier(cpu: BenchCpu, at: Ptr): void {
  // Edge B. The caller has not arrived, so no release is under way that could undo this.
  cpu.memory.store(at + GENERATION, BROKEN);
  cpu.unpark(at + GENERATION);
}
