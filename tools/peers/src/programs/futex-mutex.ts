/**
 * What people write themselves: the mutex of three states over a futex (Drepper, "Futexes Are Tricky",
 * 2011, mutex2), with `Atomics.wait` and `notify` as the futex.
 *
 *   0 free   1 held   2 held, and somebody may sleep
 */
import type { Batch } from '../in-window.ts';
import { COUNTER } from '../worker-team.ts';
import type { PeerMemory } from '../worker-team.ts';

const FREE = 0;
const HELD = 1;
const AWAITED = 2;
const WORD = 0;

function lock(words: Int32Array): void {
  let seen = Atomics.compareExchange(words, WORD, FREE, HELD);
  if (seen === FREE) return;
  if (seen !== AWAITED) seen = Atomics.exchange(words, WORD, AWAITED);
  while (seen !== FREE) {
    Atomics.wait(words, WORD, AWAITED);
    seen = Atomics.exchange(words, WORD, AWAITED);
  }
}

function unlock(words: Int32Array): void {
  if (Atomics.sub(words, WORD, 1) === HELD) return;
  Atomics.store(words, WORD, FREE);
  Atomics.notify(words, WORD, 1);
}

export function attach(shared: PeerMemory): Batch {
  const mutex = new Int32Array(shared.lock);
  const words = new Uint32Array(shared.data);
  return (operations) => {
    for (let i = 0; i < operations; i++) {
      lock(mutex);
      words[COUNTER]!++;
      unlock(mutex);
    }
  };
}
