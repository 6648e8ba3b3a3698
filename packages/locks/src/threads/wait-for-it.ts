/** Waiting with the event loop running. */
import { timeLeft } from './waiting.ts';
import type { Waiting } from './waiting.ts';

type Outcome = 'ok' | 'not-equal' | 'timed-out' | 'aborted';

/** As `block`, but a promise. Rejects with the reason of `signal`. */
export async function waitForIt(
  waiting: Waiting,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  signal?.throwIfAborted();
  const left = timeLeft(timeoutMs);
  let late = false;
  while (!waiting.attempt()) {
    // As in `block`.
    const outcome: Outcome = await (late
      ? sleep(waiting, Infinity, undefined)
      : sleep(waiting, left(), signal));
    late = outcome === 'timed-out' || outcome === 'aborted';
    if (!late || !waiting.withdraw()) continue;
    if (outcome === 'aborted') throw signal!.reason;
    return false;
  }
  return true;
}

async function sleep(
  { words, at, expected }: Waiting,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const { async, value } = Atomics.waitAsync(words, at, expected, ms);
  if (!async) return value;
  // Node ends a process that waits for nothing else.
  const alive = setInterval(() => {}, MOST_MS);
  try {
    return await (signal === undefined ? value : unlessAborted(value, words, at, signal));
  } finally {
    clearInterval(alive);
  }
}

/** The longest that a timer takes. */
const MOST_MS = 2 ** 31 - 1;

function unlessAborted(
  woken: Promise<'ok' | 'timed-out'>,
  words: Int32Array,
  at: number,
  signal: AbortSignal,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const abort = (): void => {
      resolve('aborted');
      // The host still has us on its list. A call that comes to us is somebody else's.
      void woken.then((outcome) => {
        if (outcome === 'ok') Atomics.notify(words, at, 1);
      });
    };
    signal.addEventListener('abort', abort, { once: true });
    void woken.then((outcome) => {
      signal.removeEventListener('abort', abort);
      resolve(outcome);
    });
  });
}
