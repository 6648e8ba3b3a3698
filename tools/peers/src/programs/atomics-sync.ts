/** npm `atomics-sync`: its Mutex. Imported by name at run time, because a registry may not hold it. */
import type { Batch } from '../in-window.ts';
import { COUNTER } from '../worker-team.ts';
import type { PeerMemory } from '../worker-team.ts';

/** The part of it that is used. A mutex is two words, at first 0; a thread's number is not 0. */
interface AtomicsSync {
  readonly Mutex: {
    lock(mutex: Int32Array, threadId: number): void;
    unlock(mutex: Int32Array, threadId: number): void;
  };
}

export async function attach(
  shared: PeerMemory,
  thread: number,
  name: string = 'atomics-sync',
): Promise<Batch> {
  const { Mutex } = (await import(name)) as AtomicsSync;
  const mutex = new Int32Array(shared.lock, 0, 2);
  const words = new Uint32Array(shared.data);
  const me = thread + 1;
  return (operations) => {
    for (let i = 0; i < operations; i++) {
      Mutex.lock(mutex, me);
      words[COUNTER]!++;
      Mutex.unlock(mutex, me);
    }
  };
}
