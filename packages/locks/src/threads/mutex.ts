/** Mutex for threads that share a SharedArrayBuffer and nothing else. How it works: mutex-words.ts. */
import {
  DEFAULT_PATIENCE,
  isTaken,
  MutexWaiting,
  release,
  takeFree,
  takeSoon,
  WORDS,
} from './mutex-words.ts';
import { placeOf, wordsAt } from './place.ts';
import type { Place } from './place.ts';
import { waitForIt } from './wait-for-it.ts';
import { block, DEFAULT_SPINS } from './waiting.ts';
import type { SpinOptions } from './waiting.ts';

/** What `acquire` returns: unlocks when its block ends (`using`), or by `unlock`. */
export interface Held extends Disposable {
  unlock(): void;
}

export interface MutexOptions extends SpinOptions {
  /** So often a waiter may be woken in vain before the lock is handed to it. Default 16; more is faster, less is fairer. */
  readonly patience?: number;
}

export class Mutex implements Held {
  /** Bytes that it takes. */
  static readonly BYTES: number = WORDS * Int32Array.BYTES_PER_ELEMENT;

  readonly #words: Int32Array;
  readonly #spins: number;
  readonly #patience: number;
  /** This thread holds it, through this object. */
  #held = false;

  /** Without `place`: a new one. With it: the one that lies there; all words 0 are a free one. */
  constructor(
    place?: Place,
    { spins = DEFAULT_SPINS, patience = DEFAULT_PATIENCE }: MutexOptions = {},
  ) {
    this.#words = wordsAt(place, WORDS, 'Mutex');
    this.#spins = spins;
    this.#patience = patience;
  }

  /** To be sent to other threads. */
  get place(): Place {
    return placeOf(this.#words);
  }

  /** Blocks until it is ours. False: it took longer than `timeoutMs`. */
  lock(timeoutMs: number = Infinity): boolean {
    if (this.#held)
      throw new Error('Mutex.lock: this thread holds it already, and would wait for itself');
    if (!takeFree(this.#words) && !this.#wait(timeoutMs)) return false;
    this.#held = true;
    return true;
  }

  /** As `lock`, for threads that must not block. Rejects with the reason of `signal`. */
  lockAsync(timeoutMs: number = Infinity, signal?: AbortSignal): Promise<boolean> {
    if (this.tryLock()) return Promise.resolve(true);
    return waitForIt(new MutexWaiting(this.#words, this.#patience), timeoutMs, signal).then(
      (ours) => {
        if (ours) this.#held = true;
        return ours;
      },
    );
  }

  /** Takes it if it is free, and does not wait. */
  tryLock(): boolean {
    if (!takeFree(this.#words)) return false;
    this.#held = true;
    return true;
  }

  /** By the thread that locked it, through the same object. Never blocks. */
  unlock(): void {
    if (!this.#held)
      throw new Error('Mutex.unlock: this thread does not hold it (through this object)');
    this.#held = false;
    release(this.#words);
  }

  /** As `lock`, for `using`. */
  acquire(): Held {
    this.lock();
    return this;
  }

  acquireAsync(signal?: AbortSignal): Promise<Held> {
    return this.lockAsync(Infinity, signal).then(() => this);
  }

  /** Does any thread hold it? The answer may be old by the time it arrives. */
  isLocked(): boolean {
    return isTaken(this.#words);
  }

  [Symbol.dispose](): void {
    this.unlock();
  }

  #wait(timeoutMs: number): boolean {
    if (takeSoon(this.#words, this.#spins)) return true;
    // It has looked long enough: what it waits for now is a wake-up.
    return block(new MutexWaiting(this.#words, this.#patience), timeoutMs, 0);
  }
}
