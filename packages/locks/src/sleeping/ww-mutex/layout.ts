import { Task } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';
import { ListHead, ListNode } from '../../list.ts';
import { WaitLock } from '../wait-lock.ts';

const classFields = {
  /** Atomic: the youngest stamp. 2⁵³ of them: at one every nanosecond they last for 104 days, at one every microsecond for 285 years. */
  stamp: 'u64',
  /** 1: wait-die, 0: wound-wait. Constant. */
  waitDie: 'u32',
} as const;

/** Linux: struct ww_class. What locks that may be held together, and their contexts, have in common. */
export const WwClass: Layout<'stamp' | 'waitDie'> = layout(classFields, { name: 'WwClass' });

const ctxFields = {
  /** How old the context is: the smaller, the older. Constant, as are `class` and `task`. */
  stamp: 'u64',
  class: 'ptr',
  task: 'ptr',
  /** Atomic. Locks that it holds. Written by its task. */
  acquired: 'u32',
  /** Atomic. 1: an older context waits for one of our locks (wound-wait). */
  wounded: 'u32',
  // ── looked at by the task itself, in debug mode ───────────────────────────────────────────
  /** 1: wwAcquireDone was called. */
  done: 'u32',
  /** The lock that was last refused with -EDEADLK: the next one to take. */
  contending: 'ptr',
} as const;

/** Linux: struct ww_acquire_ctx. One task's attempt to get several locks. */
export const WwAcquireCtx: Layout<
  'stamp' | 'class' | 'task' | 'acquired' | 'wounded' | 'done' | 'contending'
> = layout(ctxFields, { name: 'WwAcquireCtx' });

const fields = {
  /** Atomic. The task that holds it, and WAITERS. */
  owner: 'u32',
  /** Atomic. The context that holds it; 0: none, or not yet. Written by the owner. */
  ctx: 'ptr',
  lock: WaitLock,
  /** Of WwWaiter: those with a context from the oldest to the youngest, others in between as they came. Under `lock`. */
  waiters: ListHead,
  /** Constant. 0: not said. */
  class: 'ptr',
  /** Of the debug mode. */
  magic: 'u32',
} as const;

/** Linux: struct ww_mutex. All words 0 is a free one, whose class nobody checks. */
export const WwMutex: Layout<'owner' | 'ctx' | 'lock' | 'waiters' | 'class' | 'magic'> = layout(
  fields,
  { name: 'WwMutex' },
);

/** In `owner`: the fast paths are off. Changes under the wait lock only. */
export const WAITERS = 1;
if (Task.align <= WAITERS) throw new RangeError('no room for the flag of a ww_mutex');

/** The task that holds it, or 0. */
export function ownerOf(memory: Memory, at: Ptr): Ptr {
  return (memory.load(at + WwMutex.owner) & ~WAITERS) >>> 0;
}

const waiterFields = {
  /** First: a node's address is its waiter's. */
  node: ListNode,
  task: 'ptr',
  /** 0: it waits without one. */
  ctx: 'ptr',
} as const;

/** Linux: struct mutex_waiter, as far as it is about ww_mutex. Under the wait lock. */
export const WwWaiter: Layout<'node' | 'task' | 'ctx'> = layout(waiterFields, {
  name: 'WwWaiter',
  cacheAligned: true,
});
