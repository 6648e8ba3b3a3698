/**
 * Semaphore: so many permits, for threads that share a SharedArrayBuffer and nothing else.
 *
 *   count > 0   permits that are free
 *   count < 0   threads that wait; a release gives its permit to one of them, past nobody
 *
 * Dijkstra's (1965), with a token for each permit that is handed over. Who comes while others wait queues up behind them.
 */
import { placeOf, wordsAt } from './place.ts';
import type { Place } from './place.ts';
import { giveTokens, takeToken } from './tokens.ts';
import { waitForIt } from './wait-for-it.ts';
import { block, DEFAULT_SPINS } from './waiting.ts';
import type { SpinOptions, Waiting } from './waiting.ts';

const COUNT = 0;
const TOKENS = 1;
const WORDS = 2;

/** Permits that there can be. */
const MOST = 2 ** 30;

export class Semaphore implements Disposable {
  /** Bytes that it takes. */
  static readonly BYTES: number = WORDS * Int32Array.BYTES_PER_ELEMENT;

  readonly #words: Int32Array;
  readonly #spins: number;

  /** A new one with so many permits, at `place` or in a buffer of its own; or, by its place alone, one that is there. */
  constructor(permits: number | Place, place?: Place, { spins = DEFAULT_SPINS }: SpinOptions = {}) {
    const isNew = typeof permits === 'number';
    this.#words = wordsAt(isNew ? place : permits, WORDS, 'Semaphore');
    this.#spins = spins;
    if (isNew) initialise(this.#words, permits);
  }

  /** To be sent to other threads. */
  get place(): Place {
    return placeOf(this.#words);
  }

  /** Blocks until there is a permit. False: it took longer than `timeoutMs`. */
  acquire(timeoutMs: number = Infinity): boolean {
    return takePermit(this.#words) || block(new PermitWaiting(this.#words), timeoutMs, this.#spins);
  }

  /** As `acquire`, for threads that must not block. Rejects with the reason of `signal`. */
  acquireAsync(timeoutMs: number = Infinity, signal?: AbortSignal): Promise<boolean> {
    if (takePermit(this.#words)) return Promise.resolve(true);
    return waitForIt(new PermitWaiting(this.#words), timeoutMs, signal);
  }

  /** Takes a permit if one is free, and does not wait. */
  tryAcquire(): boolean {
    return takePermit(this.#words);
  }

  /** Gives permits, whoever took them. Never blocks. Throws where there would be more than 2³⁰. */
  release(permits: number = 1): void {
    if (!Number.isInteger(permits) || permits < 1 || permits > MOST)
      throw new RangeError(`Semaphore.release: 1 to ${MOST} permits; got ${String(permits)}`);
    givePermits(this.#words, permits);
  }

  /** As `acquire`, for `using`: the permit is given back when the block ends. */
  permit(): Disposable {
    this.acquire();
    return this;
  }

  permitAsync(signal?: AbortSignal): Promise<Disposable> {
    return this.acquireAsync(Infinity, signal).then(() => this);
  }

  /** Permits that are free. The answer may be old by the time it arrives. */
  available(): number {
    return Math.max(0, Atomics.load(this.#words, COUNT));
  }

  [Symbol.dispose](): void {
    givePermits(this.#words, 1);
  }
}

function initialise(words: Int32Array, permits: number): void {
  if (!Number.isInteger(permits) || permits < 0 || permits > MOST)
    throw new RangeError(`Semaphore: 0 to ${MOST} permits; got ${String(permits)}`);
  Atomics.store(words, COUNT, permits);
}

function takePermit(words: Int32Array): boolean {
  for (;;) {
    const free = Atomics.load(words, COUNT);
    if (free <= 0) return false;
    // Edge S: pairs with givePermits.
    if (Atomics.compareExchange(words, COUNT, free, free - 1) === free) return true;
  }
}

function givePermits(words: Int32Array, permits: number): void {
  for (;;) {
    const count = Atomics.load(words, COUNT);
    if (count + permits > MOST)
      throw new RangeError(
        `Semaphore.release: ${count} permits are free, ${permits} more would be above ${MOST}`,
      );
    // Edge S: publishes what the caller wrote. Edge T does, to those who wait.
    if (Atomics.compareExchange(words, COUNT, count, count + permits) !== count) continue;
    if (count < 0) giveTokens(words, TOKENS, Math.min(permits, -count));
    return;
  }
}

class PermitWaiting implements Waiting {
  readonly words: Int32Array;
  readonly at: number = TOKENS;
  readonly expected: number = 0;
  #counted = false;

  constructor(words: Int32Array) {
    this.words = words;
  }

  attempt(): boolean {
    if (this.#counted) return takeToken(this.words, TOKENS);
    this.#counted = true;
    // Edge S, if there was a permit after all.
    return Atomics.sub(this.words, COUNT, 1) > 0;
  }

  withdraw(): boolean {
    for (;;) {
      const count = Atomics.load(this.words, COUNT);
      // Nobody waits who has not been given a token: one is ours.
      if (count >= 0) return false;
      if (Atomics.compareExchange(this.words, COUNT, count, count + 1) === count) return true;
    }
  }
}
