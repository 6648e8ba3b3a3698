/**
 * The words of a reader-writer lock, and who gets in.
 *
 *   30      21 20      11   10    9       0
 *   ┌─────────┬─────────┬────────┬─────────┐
 *   │ writers │ readers │ writer │ readers │     phase-fair (Brandenburg & Anderson 2010):
 *   │ waiting │ waiting │ inside │ inside  │     readers that come while a writer waits queue up behind it;
 *   └─────────┴─────────┴────────┴─────────┘     a writer that leaves lets all waiting readers in, then comes the next writer
 *
 * So a writer waits for one phase of readers at most, and a reader for one writer. The lock is handed over with
 * tokens: whoever leaves changes the word for those who come in. While readers wait, a writer is inside or waits too.
 */
import { giveTokens, takeToken } from './tokens.ts';
import type { Waiting } from './waiting.ts';

const STATE = 0;
const READER_TOKENS = 1;
const WRITER_TOKENS = 2;
export const WORDS = 3;

/** Readers, inside and waiting together; and writers that wait. */
const MOST = 1023;
const READER = 1;
const READERS: number = MOST * READER;
const WRITER: number = 1 << 10;
const READER_WAITS: number = 1 << 11;
const WRITER_WAITS: number = 1 << 21;
const WRITERS_WAIT: number = MOST * WRITER_WAITS;

const waitingReaders = (state: number): number => (state >>> 11) & MOST;
const writerIsNear = (state: number): boolean => (state & (WRITER | WRITERS_WAIT)) !== 0;

/** One access: it replaces `state`, or somebody was faster. Edge W: pairs with itself, whoever leaves with whoever comes in. */
const replace = (words: Int32Array, state: number, next: number): boolean =>
  Atomics.compareExchange(words, STATE, state, next) === state;

export function tryEnterReading(words: Int32Array): boolean {
  for (;;) {
    const state = Atomics.load(words, STATE);
    if (writerIsNear(state)) return false;
    if (replace(words, state, withOneMore(state, READER))) return true;
  }
}

export function tryEnterWriting(words: Int32Array): boolean {
  return replace(words, 0, WRITER);
}

export function leaveReading(words: Int32Array): void {
  for (;;) {
    const state = Atomics.load(words, STATE);
    let next = state - READER;
    const handOver = (next & READERS) === 0 && (state & WRITERS_WAIT) !== 0;
    if (handOver) next += WRITER - WRITER_WAITS;
    if (!replace(words, state, next)) continue;
    if (handOver) giveTokens(words, WRITER_TOKENS, 1);
    return;
  }
}

export function leaveWriting(words: Int32Array): void {
  for (;;) {
    const state = Atomics.load(words, STATE);
    const readers = waitingReaders(state);
    const handOver = readers === 0 && (state & WRITERS_WAIT) !== 0;
    const next = handOver ? state - WRITER_WAITS : readersIn(state - WRITER);
    if (!replace(words, state, next)) continue;
    if (readers > 0) giveTokens(words, READER_TOKENS, readers);
    else if (handOver) giveTokens(words, WRITER_TOKENS, 1);
    return;
  }
}

/** The writer becomes a reader, and lets those in who wait to read. */
export function downgrade(words: Int32Array): void {
  for (;;) {
    const state = Atomics.load(words, STATE);
    const readers = waitingReaders(state);
    if (!replace(words, state, readersIn(state - WRITER) + READER)) continue;
    if (readers > 0) giveTokens(words, READER_TOKENS, readers);
    return;
  }
}

export function waitToRead(words: Int32Array): Waiting {
  return new LockWaiting(words, READER_TOKENS, queueToRead, withdrawReader);
}

export function waitToWrite(words: Int32Array): Waiting {
  return new LockWaiting(words, WRITER_TOKENS, queueToWrite, withdrawWriter);
}

/** True: it is ours after all. */
function queueToRead(words: Int32Array): boolean {
  for (;;) {
    const state = Atomics.load(words, STATE);
    const waits = writerIsNear(state);
    if (replace(words, state, withOneMore(state, waits ? READER_WAITS : READER))) return !waits;
  }
}

function queueToWrite(words: Int32Array): boolean {
  for (;;) {
    const state = Atomics.load(words, STATE);
    const waits = (state & (READERS | WRITER)) !== 0;
    if ((state & WRITERS_WAIT) === WRITERS_WAIT)
      throw new RangeError(`RwLock: ${MOST} writers wait already, which is the most`);
    if (replace(words, state, state + (waits ? WRITER_WAITS : WRITER))) return !waits;
  }
}

function withdrawReader(words: Int32Array): boolean {
  for (;;) {
    const state = Atomics.load(words, STATE);
    // A token for each: one is ours.
    if (waitingReaders(state) === 0) return false;
    if (replace(words, state, state - READER_WAITS)) return true;
  }
}

function withdrawWriter(words: Int32Array): boolean {
  for (;;) {
    const state = Atomics.load(words, STATE);
    if ((state & WRITERS_WAIT) === 0) return false;
    const without = state - WRITER_WAITS;
    // They waited for us only.
    const readers = writerIsNear(without) ? 0 : waitingReaders(state);
    if (!replace(words, state, readers === 0 ? without : readersIn(without))) continue;
    if (readers > 0) giveTokens(words, READER_TOKENS, readers);
    return true;
  }
}

/** All that wait to read are inside. */
function readersIn(state: number): number {
  return state + waitingReaders(state) * (READER - READER_WAITS);
}

function withOneMore(state: number, reader: number): number {
  if ((state & READERS) + waitingReaders(state) === MOST)
    throw new RangeError(`RwLock: ${MOST} readers are inside or wait, which is the most`);
  return state + reader;
}

class LockWaiting implements Waiting {
  readonly words: Int32Array;
  readonly at: number;
  readonly expected: number = 0;
  readonly #queue: (words: Int32Array) => boolean;
  readonly #withdraw: (words: Int32Array) => boolean;
  #queued = false;

  constructor(
    words: Int32Array,
    at: number,
    queue: (words: Int32Array) => boolean,
    withdraw: (words: Int32Array) => boolean,
  ) {
    this.words = words;
    this.at = at;
    this.#queue = queue;
    this.#withdraw = withdraw;
  }

  attempt(): boolean {
    if (this.#queued) return takeToken(this.words, this.at);
    this.#queued = true;
    return this.#queue(this.words);
  }

  withdraw(): boolean {
    return this.#withdraw(this.words);
  }
}
