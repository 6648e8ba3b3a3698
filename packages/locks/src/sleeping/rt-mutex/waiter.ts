/**
 * Who waits for an rt-mutex. A waiter is in two lists, both in order of priority, first come first among equals:
 *
 *   lock.waiters        all that wait for the lock                         under the lock's wait lock
 *   owner.piWaiters     the best waiter of each lock that the owner holds    under the owner's piLock
 *
 * Each list has a number of its own to go by, since a change of priority reaches the two at different times.
 *
 * Sorted lists, not Linux' red-black trees: a waiter is nearly always as good as the last one or worse, and is then
 * put in its place with one look; and in front is where it is looked for.
 */
import { PiWaiters, Task } from '@percpu/machine';
import type { Cpu, Subsystem } from '@percpu/machine';
import { layout, memblockAlloc } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';
import {
  listAddBehind,
  listDel,
  listFirst,
  ListHead,
  listLast,
  ListNode,
  listPrev,
} from '../../list.ts';

const placeFields = {
  /** First: the address of the place. */
  node: ListNode,
  prio: 'u32',
} as const;

/** A place in one of the lists. Linux: struct rt_waiter_node. */
const Place: Layout<'node' | 'prio'> = layout(placeFields, { name: 'Place' });

const fields = {
  /** First: among the waiters of the lock. */
  inLock: Place,
  /** Among those of the owner. */
  inOwner: Place,
  /** Constant while it waits. */
  task: 'ptr',
  lock: 'ptr',
} as const;

/** Linux: struct rt_mutex_waiter. */
export const RtMutexWaiter: Layout<'inLock' | 'inOwner' | 'task' | 'lock'> = layout(fields, {
  name: 'RtMutexWaiter',
  cacheAligned: true,
});

if (PiWaiters.first !== ListHead.first || PiWaiters.last !== ListHead.last)
  throw new RangeError('PiWaiters is no ListHead');

/** Waiters of one CPU that no task uses now. (In Linux they lie on the stack; our tasks have none in shared memory.) */
export class FreeWaiters {
  private readonly free: Ptr[] = [];

  take({ memory }: Cpu): Ptr {
    const kept = this.free.pop();
    if (kept !== undefined) return kept;
    const waiter = memblockAlloc(memory, RtMutexWaiter.size, RtMutexWaiter.align);
    memory.describe(waiter, RtMutexWaiter);
    return waiter;
  }

  give(waiter: Ptr): void {
    this.free.push(waiter);
  }
}

export const rtMutexWaiters: Subsystem<FreeWaiters> = {
  name: 'rt-mutex waiters',
  create: () => 0,
  attach: () => new FreeWaiters(),
};

// ── of a lock ───────────────────────────────────────────────────────────────────────────────

/** Linux: rt_mutex_top_waiter(). 0: nobody waits. Under the wait lock. */
export function topWaiter(memory: Memory, waiters: Ptr): Ptr {
  return listFirst(memory, waiters);
}

/** Linux: rt_mutex_enqueue(). */
export function enqueue(memory: Memory, waiters: Ptr, waiter: Ptr, prio: number): void {
  add(memory, waiters, waiter + RtMutexWaiter.inLock, prio);
}

/** Linux: rt_mutex_dequeue(). */
export function dequeue(memory: Memory, waiters: Ptr, waiter: Ptr): void {
  listDel(memory, waiters, waiter + RtMutexWaiter.inLock);
}

/** The priority that it waits with. */
export function waiterPrio(memory: Memory, waiter: Ptr): number {
  return memory.read(waiter + RtMutexWaiter.inLock + Place.prio);
}

// ── of an owner ─────────────────────────────────────────────────────────────────────────────

/** Linux: task_top_pi_waiter(). 0: the task holds no lock that anybody waits for. Under its piLock. */
export function topPiWaiter(memory: Memory, task: Ptr): Ptr {
  const place = listFirst(memory, task + Task.piWaiters);
  return place === 0 ? 0 : place - RtMutexWaiter.inOwner;
}

/** Linux: rt_mutex_enqueue_pi(), with the priority that it waits with. */
export function enqueuePi(memory: Memory, task: Ptr, waiter: Ptr): void {
  const place = waiter + RtMutexWaiter.inOwner;
  add(memory, task + Task.piWaiters, place, waiterPrio(memory, waiter));
}

/** Linux: rt_mutex_dequeue_pi(). */
export function dequeuePi(memory: Memory, task: Ptr, waiter: Ptr): void {
  listDel(memory, task + Task.piWaiters, waiter + RtMutexWaiter.inOwner);
}

/** The priority that it lends. */
export function lentPrio(memory: Memory, waiter: Ptr): number {
  return memory.read(waiter + RtMutexWaiter.inOwner + Place.prio);
}

/** Behind those that are as good or better. */
function add(memory: Memory, head: Ptr, place: Ptr, prio: number): void {
  memory.write(place + Place.prio, prio);
  let before = listLast(memory, head);
  while (before !== 0 && memory.read(before + Place.prio) > prio) before = listPrev(memory, before);
  listAddBehind(memory, head, before, place);
}
