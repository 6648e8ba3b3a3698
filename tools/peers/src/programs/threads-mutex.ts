/** The mutex of `@percpu/locks/threads`: no machine around it, as the npm peers. */
import { Mutex } from '@percpu/locks/threads';
import type { Batch } from '../in-window.ts';
import { COUNTER } from '../worker-team.ts';
import type { PeerMemory } from '../worker-team.ts';

export function attach({ lock, data }: PeerMemory): Batch {
  const mutex = new Mutex({ buffer: lock, byteOffset: 0 });
  const words = new Uint32Array(data);
  return (operations) => {
    for (let i = 0; i < operations; i++) {
      mutex.lock();
      words[COUNTER]!++;
      mutex.unlock();
    }
  };
}
