/**
 * The two words of a mutex, and who gets it.
 *
 *   state                                    tokens
 *   ┌─────────┬──────────┬───────┬────────┐  ┌──────────────────────┐
 *   │ waiters │ starving │ woken │ locked │  │ given, not yet taken │
 *   └─────────┴──────────┴───────┴────────┘  └──────────────────────┘
 *
 * Normally an unlock wakes one waiter, which competes with whoever comes along and mostly loses: those are running
 * already. That keeps a busy lock busy. A waiter that has lost a few times sets `starving`: now an unlock hands the
 * lock to a waiter, and those who come queue up behind, until a waiter gets it that has not been passed over.
 * The two modes are those of Go's sync.Mutex (2016), which goes by time where we count.
 *
 * `woken` stands for a thread that is on its way to the lock, so that an unlock need not wake another.
 * Threads asleep = waiters + tokens; while starving, a token is for one of the waiters.
 */
import { giveTokens, takeToken } from './tokens.ts';
import { pause } from './pause.ts';
import type { Waiting } from './waiting.ts';

const STATE = 0;
const TOKENS = 1;
export const WORDS = 2;

const LOCKED = 1;
const WOKEN = 2;
const STARVING = 4;
/** One of those that are counted above the flags. */
const WAITER = 8;

/** A waiter that has been woken so often in vain insists. Go: that has waited 1 ms. */
export const DEFAULT_PATIENCE = 16;

/** Takes it if it is free and not promised, whoever waits. */
export function takeFree(words: Int32Array): boolean {
  // Edge M: what the last holder wrote is visible.
  let state = Atomics.compareExchange(words, STATE, 0, LOCKED);
  if (state === 0) return true;
  while ((state & (LOCKED | STARVING)) === 0) {
    const seen = Atomics.compareExchange(words, STATE, state, state | LOCKED);
    if (seen === state) return true;
    state = seen;
  }
  return false;
}

/** As `takeFree`, for so many looks. Whoever holds it on another core will mostly let it go before a sleep had begun. */
export function takeSoon(words: Int32Array, spins: number): boolean {
  for (let i = 0; i < spins; i++) {
    const state = Atomics.load(words, STATE);
    if ((state & STARVING) !== 0) return false;
    if ((state & LOCKED) === 0 && takeFree(words)) return true;
    pause();
  }
  return false;
}

export function isTaken(words: Int32Array): boolean {
  return (Atomics.load(words, STATE) & LOCKED) !== 0;
}

/** The caller holds it. */
export function release(words: Int32Array): void {
  // Edge M: publishes the critical section.
  let state = Atomics.sub(words, STATE, LOCKED) - LOCKED;
  if ((state & STARVING) !== 0) {
    // Handed over: those who come find `starving`, and do not take it.
    giveTokens(words, TOKENS, 1);
    return;
  }
  // Somebody must be woken, unless nobody sleeps, or somebody holds it or is on the way: they do it then.
  while (state >= WAITER && (state & (LOCKED | WOKEN | STARVING)) === 0) {
    const seen = Atomics.compareExchange(words, STATE, state, (state - WAITER) | WOKEN);
    if (seen === state) {
      giveTokens(words, TOKENS, 1);
      return;
    }
    state = seen;
  }
}

export class MutexWaiting implements Waiting {
  readonly words: Int32Array;
  readonly at: number = TOKENS;
  readonly expected: number = 0;
  /** Counted among the waiters, or a token has been given for us. */
  #asleep = false;
  /** Times that we were woken. */
  #woken = 0;

  readonly #patience: number;

  constructor(words: Int32Array, patience: number) {
    this.words = words;
    this.#patience = patience;
  }

  attempt(): boolean {
    const { words } = this;
    if (!this.#asleep) return this.#compete(0);
    if (!takeToken(words, TOKENS)) return false;
    this.#asleep = false;
    this.#woken++;
    const state = Atomics.load(words, STATE);
    if ((state & STARVING) === 0) return this.#compete(WOKEN);
    // Edge M. The token was the lock. Nobody takes it from us, so what is added is right whatever else changes: nothing but
    // waiters does. The last of them, and one that has not been passed over, ends the starvation.
    const ends = this.#woken < this.#patience || state < 2 * WAITER;
    Atomics.add(words, STATE, LOCKED - WAITER - (ends ? STARVING : 0));
    return true;
  }

  /** Takes it if it is free, else queues up. `ours`: the flag that stood for us on the way. */
  #compete(ours: number): boolean {
    const { words } = this;
    for (;;) {
      const state = Atomics.load(words, STATE);
      const busy = (state & (LOCKED | STARVING)) !== 0;
      let next = state & ~ours;
      if (!busy) next |= LOCKED;
      else next += WAITER;
      if (this.#woken >= this.#patience && (state & LOCKED) !== 0) next |= STARVING;
      // Edge M, if it was free.
      if (Atomics.compareExchange(words, STATE, state, next) !== state) continue;
      this.#asleep = busy;
      return !busy;
    }
  }

  withdraw(): boolean {
    const { words } = this;
    for (;;) {
      const state = Atomics.load(words, STATE);
      // A token for each that still sleeps: one is ours.
      if (state < WAITER) return false;
      const alone = state < 2 * WAITER;
      // Handed over to one of the waiters, and we are the only one.
      if (alone && (state & (STARVING | LOCKED)) === STARVING) return false;
      const next = (state - WAITER) & (alone ? ~STARVING : ~0);
      if (Atomics.compareExchange(words, STATE, state, next) === state) return true;
    }
  }
}
