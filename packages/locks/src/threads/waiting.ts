/** A thread's wait for something, apart from how it waits: blocked, or with its event loop running. */

import { pause } from './pause.ts';

export interface Waiting {
  readonly words: Int32Array;
  /** The word to sleep on, and for how long as it has this value. */
  readonly at: number;
  readonly expected: number;
  /** Goes on as far as it can. True: that for which it waits has come. */
  attempt(): boolean;
  /** Time is up. True: it waits no more. False: that for which it waits is on its way, and must be taken. */
  withdraw(): boolean;
}

export interface SpinOptions {
  /** Looks at a word before a thread sleeps on it. Default 100, some microseconds. */
  readonly spins?: number;
}

export const DEFAULT_SPINS = 100;

/** For so long one may wait, in milliseconds; a wait longer than this has no end. */
const MOST_MS = 2 ** 31;

/**
 * Blocks this thread until `waiting` has come to its end. False: it took longer than `timeoutMs`.
 *
 * @throws TypeError where the host does not let this thread block.
 */
export function block(waiting: Waiting, timeoutMs: number, spins: number): boolean {
  const left = timeLeft(timeoutMs);
  let late = false;
  while (!waiting.attempt()) {
    if (spin(waiting, spins)) continue;
    // What could not be withdrawn is on its way: it is waited for without limit, once.
    const ms: number = late ? Infinity : left();
    late = (ms <= 0 || sleep(waiting, ms) === 'timed-out') && !late;
    if (late && waiting.withdraw()) return false;
  }
  return true;
}

/** When to give up, on the clock of `performance.now()`. */
function deadlineOf(timeoutMs: number): number {
  if (Number.isNaN(timeoutMs) || typeof timeoutMs !== 'number')
    throw new RangeError(
      `a timeout is a number of milliseconds, or Infinity; got ${String(timeoutMs)}`,
    );
  return timeoutMs >= MOST_MS ? Infinity : performance.now() + timeoutMs;
}

/** True: something has changed. A few turns cost less than to fall asleep and be woken, some 10 µs together. */
function spin({ words, at, expected }: Waiting, turns: number): boolean {
  for (let i = 0; i < turns; i++) {
    if (Atomics.load(words, at) !== expected) return true;
    pause();
  }
  return false;
}

function sleep({ words, at, expected }: Waiting, ms: number): 'ok' | 'not-equal' | 'timed-out' {
  try {
    return Atomics.wait(words, at, expected, ms);
  } catch (cause) {
    throw new TypeError('this thread must not block: use the form that returns a promise', {
      cause,
    });
  }
}

/** What is left of `timeoutMs`, each time it is asked. */
export function timeLeft(timeoutMs: number): () => number {
  const deadline = deadlineOf(timeoutMs);
  return deadline === Infinity ? () => Infinity : () => Math.max(0, deadline - performance.now());
}
