/**
 * A place in a queue of sleeping tasks. In Linux it lies on the stack of the task; here tasks have no stack
 * in shared memory, so entries come from a stock of the CPU, which only its tasks use and which grows
 * with the number of tasks that wait at the same time.
 */
import { currentTask } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { layout, memblockAlloc } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { ListNode } from '../list.ts';
import { lockView } from '../lock-view.ts';

const fields = {
  /** First: a node's address is its entry's. Guarded by the lock of the queue, as is `queue`. */
  node: ListNode,
  /** The queue it is on, or 0. */
  queue: 'ptr',
  /** WaitFlag. Constant while it waits. */
  flags: 'u32',
  /** Who waits. Constant while it waits. */
  task: 'ptr',
  /** Text address of what a wake-up calls instead of waking `task`, or 0. Constant while it waits. */
  func: 'ptr',
  /** For `func`. Linux: wait_queue_entry.private, and what surrounds the entry. */
  data: 'u32',
} as const;

/** Linux: struct wait_queue_entry. */
export const WaitEntry: Layout<
  Record<'node' | 'queue' | 'flags' | 'task' | 'func' | 'data', unknown>
> = layout(fields, {
  name: 'WaitEntry',
  cacheAligned: true,
});

export const WaitFlag = {
  /** Of these a wake-up ends only as many as it was asked to. Linux: WQ_FLAG_EXCLUSIVE. */
  exclusive: 1,
  /** Stays on its queue when its task is woken. Linux: default_wake_function in place of autoremove_wake_function. */
  stays: 2,
} as const;

/** Entries that the stock grows by. */
const CHUNK = 8;

/** An entry of the running task, on no queue. Task context. Throws when memory is used up. */
export function takeWaitEntry(cpu: Cpu, flags: number, func: Ptr = 0, data = 0): Ptr {
  const { memory } = cpu;
  const { freeEntries } = lockView(cpu);
  if (freeEntries.length === 0) {
    const chunk = memblockAlloc(memory, CHUNK * WaitEntry.size, WaitEntry.align);
    for (let i = 0; i < CHUNK; i++) {
      memory.describe(chunk + i * WaitEntry.size, WaitEntry);
      freeEntries.push(chunk + i * WaitEntry.size);
    }
  }
  const entry = freeEntries.pop()!;
  memory.write(entry + WaitEntry.queue, 0);
  memory.write(entry + WaitEntry.flags, flags);
  memory.write(entry + WaitEntry.task, currentTask(cpu));
  memory.write(entry + WaitEntry.func, func);
  memory.write(entry + WaitEntry.data, data);
  return entry;
}

/** On the CPU that took it; it is on no queue. */
export function freeWaitEntry(cpu: Cpu, entry: Ptr): void {
  lockView(cpu).freeEntries.push(entry);
}
