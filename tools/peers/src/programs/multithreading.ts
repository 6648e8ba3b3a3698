/**
 * npm `multithreading`: its Mutex by `blockingLock`, on threads of ours. The second argument of the
 * constructor is what its own `spawn` hands over, so the lock is the one its users get. `lock()`, which
 * it recommends, is asynchronous and took longer (README). The counter is reached directly, not through
 * the guard's `value`, which would only add to its time.
 */
import { Mutex } from 'multithreading';
import type { Batch } from '../in-window.ts';
import { COUNTER } from '../worker-team.ts';
import type { PeerMemory } from '../worker-team.ts';

export function attach({ lock, data }: PeerMemory): Batch {
  const mutex = new Mutex(undefined, lock);
  const words = new Uint32Array(data);
  return (operations) => {
    for (let i = 0; i < operations; i++) {
      const guard = mutex.blockingLock();
      words[COUNTER]!++;
      guard.dispose();
    }
  };
}
