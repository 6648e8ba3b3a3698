/**
 * A lock as a birth-death chain (Boyd-Wickizer, Kaashoek, Morris, Zeldovich, "Non-scalable locks are dangerous", Linux Symposium
 * 2012): state k is the number of cores that hold or want it. A core comes after an exponential time of mean `a`; with k
 * there, one leaves at the rate 1/service(k). Solved in closed form: the chain is the oracle that the simulator is held to.
 */

export interface Chain {
  readonly cores: number;
  /** Mean time between leaving the lock and wanting it again. */
  readonly a: number;
  /** Mean time for which it is held. */
  readonly s: number;
  /** What a hand-over costs: for a ticket lock per waiter that is in the way, for MCS altogether. */
  readonly c: number;
}

export type ChainLock = 'ticket' | 'mcs';

/** Mean service time with `k` cores there, the holder among them. */
export function serviceTime(lock: ChainLock, { s, c }: Chain, k: number): number {
  // Every waiter refetches, one by one, and the right one is on average in the middle.
  if (lock === 'ticket') return s + (c * (k - 1)) / 2;
  // Who finds it free is handed nothing.
  return k === 1 ? s : s + c;
}

/** Sections a second of all cores, by what one core alone would do: (a + s) × throughput. */
export function speedUp(lock: ChainLock, chain: Chain): number {
  const { cores, a, s } = chain;
  // Weights relative to the largest so far, so that nothing overflows with many cores.
  const weights = [1];
  for (let k = 1; k <= cores; k++) {
    const arrival = (cores - k + 1) / a;
    weights.push(weights[k - 1]! * arrival * serviceTime(lock, chain, k));
    const most = weights[k]!;
    if (most > 1e200) for (let i = 0; i <= k; i++) weights[i]! /= most;
  }
  const sum = weights.reduce((all, weight) => all + weight, 0);
  let throughput = 0;
  for (let k = 1; k <= cores; k++) throughput += weights[k]! / sum / serviceTime(lock, chain, k);
  return throughput * (a + s);
}
