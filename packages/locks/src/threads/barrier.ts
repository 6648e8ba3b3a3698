/**
 * Barrier: none of so many threads goes on before all have come. Then it is as at first.
 *
 *   state  31        12 11        0
 *         ┌────────────┬───────────┐
 *         │ round      │ have come │    the last to come: round + 1, have come = 0
 *         └────────────┴───────────┘    those before sleep while the round is theirs
 */
import { placeOf, wordsAt } from './place.ts';
import type { Place } from './place.ts';
import { waitForIt } from './wait-for-it.ts';
import { block, DEFAULT_SPINS } from './waiting.ts';
import type { SpinOptions, Waiting } from './waiting.ts';

const STATE = 0;
const PARTIES = 1;
const WORDS = 2;

const COME_BITS = 12;
const COME: number = (1 << COME_BITS) - 1;
const ROUND: number = 1 << COME_BITS;

/** `last`: this thread came last, and let the others go; one of them is told so in every round. */
export type Passed = 'last' | 'passed' | 'timed-out';

export class Barrier {
  /** Bytes that it takes. */
  static readonly BYTES: number = WORDS * Int32Array.BYTES_PER_ELEMENT;

  readonly #words: Int32Array;
  readonly #spins: number;

  /** A new one for so many threads, at `place` or in a buffer of its own; or, by its place alone, one that is there. */
  constructor(parties: number | Place, place?: Place, { spins = DEFAULT_SPINS }: SpinOptions = {}) {
    const isNew = typeof parties === 'number';
    this.#words = wordsAt(isNew ? place : parties, WORDS, 'Barrier');
    this.#spins = spins;
    if (isNew) initialise(this.#words, parties);
  }

  /** To be sent to other threads. */
  get place(): Place {
    return placeOf(this.#words);
  }

  /** Blocks until all have come. `timed-out`: they had not within `timeoutMs`, and this thread counts as not having come. */
  wait(timeoutMs: number = Infinity): Passed {
    const round = arrive(this.#words);
    if (round === undefined) return 'last';
    return block(new RoundWaiting(this.#words, round), timeoutMs, this.#spins)
      ? 'passed'
      : 'timed-out';
  }

  /** As `wait`, for threads that must not block. Rejects with the reason of `signal`, and counts as not having come. */
  waitAsync(timeoutMs: number = Infinity, signal?: AbortSignal): Promise<Passed> {
    const round = arrive(this.#words);
    if (round === undefined) return Promise.resolve('last');
    const passed = waitForIt(new RoundWaiting(this.#words, round), timeoutMs, signal);
    return passed.then((all) => (all ? 'passed' : 'timed-out'));
  }
}

function initialise(words: Int32Array, parties: number): void {
  if (!Number.isInteger(parties) || parties < 1 || parties > COME)
    throw new RangeError(`Barrier: 1 to ${COME} threads; got ${String(parties)}`);
  Atomics.store(words, PARTIES, parties);
}

const roundOf = (state: number): number => state >>> COME_BITS;

/** The round to wait for the end of; undefined: this was the last to come. */
function arrive(words: Int32Array): number | undefined {
  const parties = Atomics.load(words, PARTIES);
  if (parties === 0)
    throw new Error('Barrier: there is none at this place: its number of threads is 0');
  for (;;) {
    const state = Atomics.load(words, STATE);
    const last = (state & COME) + 1 === parties;
    const next = last ? ((state & ~COME) + ROUND) | 0 : state + 1;
    // Edge B: what all wrote before they came is visible to all who pass.
    if (Atomics.compareExchange(words, STATE, state, next) !== state) continue;
    if (!last) return roundOf(state);
    Atomics.notify(words, STATE);
    return undefined;
  }
}

class RoundWaiting implements Waiting {
  readonly words: Int32Array;
  readonly at: number = STATE;
  /** As it was when we looked: others come, and nobody is woken for that. */
  expected: number = 0;
  readonly #round: number;

  constructor(words: Int32Array, round: number) {
    this.words = words;
    this.#round = round;
  }

  attempt(): boolean {
    // Edge B.
    this.expected = Atomics.load(this.words, STATE);
    return roundOf(this.expected) !== this.#round;
  }

  withdraw(): boolean {
    for (;;) {
      const state = Atomics.load(this.words, STATE);
      if (roundOf(state) !== this.#round) return false;
      if (Atomics.compareExchange(this.words, STATE, state, state - 1) === state) return true;
    }
  }
}
