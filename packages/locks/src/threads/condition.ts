/**
 * Condition variable: sleeps until something that a mutex guards may have changed.
 *
 *   waiter, holding the mutex            notifier
 *   C1 read the number of calls          N1 change what is waited for, under the mutex
 *   C2 count itself, unlock              N2 anybody counted? then one more call, wake
 *   C3 sleep while the number is that
 *
 * Nothing is lost: N1 comes before C1, and then the waiter has seen it, or after C2, and then N2 finds it counted and
 * changes the number. A number, not a token, so that one who comes after a call cannot take it from one who came before.
 * It may wake for no reason: look again (`waitFor` does).
 */
import type { Mutex } from './mutex.ts';
import { placeOf, wordsAt } from './place.ts';
import type { Place } from './place.ts';
import { waitForIt } from './wait-for-it.ts';
import { block, DEFAULT_SPINS, timeLeft } from './waiting.ts';
import type { SpinOptions, Waiting } from './waiting.ts';

const CALLS = 0;
const WAITERS = 1;
const WORDS = 2;

export class Condition {
  /** Bytes that it takes. */
  static readonly BYTES: number = WORDS * Int32Array.BYTES_PER_ELEMENT;

  readonly #words: Int32Array;
  readonly #spins: number;

  /** Without `place`: a new one. With it: the one that lies there; all words 0 are one on which nobody waits. */
  constructor(place?: Place, { spins = DEFAULT_SPINS }: SpinOptions = {}) {
    this.#words = wordsAt(place, WORDS, 'Condition');
    this.#spins = spins;
  }

  /** To be sent to other threads. */
  get place(): Place {
    return placeOf(this.#words);
  }

  /** Unlocks `mutex`, blocks until a call, locks it again. False: no call within `timeoutMs`. The caller holds `mutex`. */
  wait(mutex: Mutex, timeoutMs: number = Infinity): boolean {
    const waiting = this.#begin(mutex);
    const called = block(waiting, timeoutMs, this.#spins);
    Atomics.sub(this.#words, WAITERS, 1);
    mutex.lock();
    return called;
  }

  /** Waits until `holds()` is true, which is asked while `mutex` is held. False: it was not within `timeoutMs`. */
  waitFor(mutex: Mutex, holds: () => boolean, timeoutMs: number = Infinity): boolean {
    const left = timeLeft(timeoutMs);
    while (!holds()) if (!this.wait(mutex, left())) return holds();
    return true;
  }

  /** As `wait`, for threads that must not block. Rejects with the reason of `signal`, with `mutex` held. */
  waitAsync(mutex: Mutex, timeoutMs: number = Infinity, signal?: AbortSignal): Promise<boolean> {
    const ended = waitForIt(this.#begin(mutex), timeoutMs, signal);
    return ended.finally(() => {
      Atomics.sub(this.#words, WAITERS, 1);
      return mutex.lockAsync();
    });
  }

  /** Wakes one that waits. Whoever waits for another condition of the same mutex is not asked: use `notifyAll` then. */
  notifyOne(): void {
    call(this.#words, 1);
  }

  notifyAll(): void {
    call(this.#words, Infinity);
  }

  #begin(mutex: Mutex): Waiting {
    const waiting = new CallWaiting(this.#words, Atomics.load(this.#words, CALLS)); // C1
    Atomics.add(this.#words, WAITERS, 1); // C2
    try {
      mutex.unlock();
    } catch (error) {
      Atomics.sub(this.#words, WAITERS, 1);
      throw error;
    }
    return waiting;
  }
}

function call(words: Int32Array, count: number): void {
  if (Atomics.load(words, WAITERS) === 0) return; // N2
  Atomics.add(words, CALLS, 1);
  Atomics.notify(words, CALLS, count);
}

/** The number of calls wraps after 2³² of them, all between two looks of one waiter. */
class CallWaiting implements Waiting {
  readonly words: Int32Array;
  readonly at: number = CALLS;
  readonly expected: number;

  constructor(words: Int32Array, calls: number) {
    this.words = words;
    this.expected = calls;
  }

  attempt(): boolean {
    return Atomics.load(this.words, CALLS) !== this.expected;
  }

  withdraw(): boolean {
    return !this.attempt();
  }
}
