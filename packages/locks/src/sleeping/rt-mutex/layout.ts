import { Task } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';
import { ListHead } from '../../list.ts';
import { WaitLock } from '../wait-lock.ts';

const fields = {
  /** Atomic. The task that holds it, and WAITERS. */
  owner: 'u32',
  lock: WaitLock,
  /** Of RtMutexWaiter, the best first. Under `lock`. */
  waiters: ListHead,
  /** Of the debug mode. */
  magic: 'u32',
} as const;

/** Linux: struct rt_mutex. All words 0 is a free one. */
export const RtMutex: Layout<'owner' | 'lock' | 'waiters' | 'magic'> = layout(fields, {
  name: 'RtMutex',
});

/** Linux: RT_MUTEX_HAS_WAITERS. In `owner`: the fast paths are off. Changes under the wait lock only. */
export const WAITERS = 1;
if (Task.align <= WAITERS) throw new RangeError('no room for the flag of an rt-mutex');

/** Linux: rt_mutex_owner(). The task that holds it, or 0. */
export function ownerOf(memory: Memory, at: Ptr): Ptr {
  return (memory.load(at + RtMutex.owner) & ~WAITERS) >>> 0;
}
