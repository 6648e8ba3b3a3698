/** The words of a per-CPU rwsem, its steps R1 to R3 and W1 to W4, and the queue. What they mean: percpu-rwsem.ts. */
import {
  mightSleep,
  schedule,
  setCurrentState,
  TASK_NORMAL,
  TaskState,
  wakeUpState,
} from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { layout, perCpuPtr } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { perCpuSum } from '../counting/this-cpu.ts';
import { listAddTail, listDel, listFirst, ListHead, listNext } from '../list.ts';
import { freeWaitEntry, takeWaitEntry, WaitEntry, WaitFlag } from '../sleeping/wait-entry.ts';
import { waitEvent } from '../sleeping/wait-event.ts';
import { WaitLock, waitLock } from '../sleeping/wait-lock.ts';
import { WaitQueue, wakeUp } from '../sleeping/wait-queue.ts';

const fields = {
  /** Atomic. */
  block: 'u32',
  /** Offset of the word in each CPU's area. Constant. */
  readCount: 'u32',
  lock: WaitLock,
  /** Of WaitEntry, in order of arrival; writers are exclusive. Under `lock`. */
  waiters: ListHead,
  /** The writer, while it waits for the readers to leave. Linux: rcuwait. */
  drained: WaitQueue,
  /** Of the debug mode. */
  magic: 'u32',
} as const;

/** Linux: struct percpu_rw_semaphore. Made by `percpuInitRwsem`; all words 0 is none. */
export const PercpuRwsem: Layout<'block' | 'readCount' | 'lock' | 'waiters' | 'drained' | 'magic'> =
  layout(fields, { name: 'PercpuRwsem' });

/** R1, R2, and R3 but for the wait. */
export function tryReader(cpu: Cpu, at: Ptr): boolean {
  const { memory } = cpu;
  // Edge D: R1, pairs with the sum in isDrained.
  memory.fetchAdd(readCountOf(cpu, at), 1);
  // Edge W: R2, pairs with the store in percpuUpWrite: what the last writer wrote is visible.
  if (memory.load(at + PercpuRwsem.block) === 0) return true;
  leave(cpu, at);
  return false;
}

export function leave(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  // Edge R: pairs with the sum in isDrained. A writer that misses us comes after all that was read.
  memory.fetchAdd(readCountOf(cpu, at), -1);
  if (memory.load(at + PercpuRwsem.block) !== 0) wakeUp(cpu, at + PercpuRwsem.drained);
}

/** This CPU's word. */
function readCountOf(cpu: Cpu, at: Ptr): Ptr {
  return perCpuPtr(cpu.machine.percpu, cpu.memory.read(at + PercpuRwsem.readCount), cpu.id);
}

/** W1. */
export function tryWriter({ memory }: Cpu, at: Ptr): boolean {
  return memory.compareExchange(at + PercpuRwsem.block, 0, 1) === 0;
}

/** W2. */
export function drain(cpu: Cpu, at: Ptr): Sleeps<void> {
  return waitEvent(cpu, at + PercpuRwsem.drained, () => isDrained(cpu, at));
}

export function isDrained(cpu: Cpu, at: Ptr): boolean {
  // Edges D and R.
  return perCpuSum(cpu, cpu.memory.read(at + PercpuRwsem.readCount)) === 0;
}

/** Linux: percpu_rwsem_wait(). In the queue until somebody has let us in. A writer still has to drain. */
export function* wait(cpu: Cpu, at: Ptr, flags: number): Sleeps<void> {
  mightSleep(cpu);
  const { memory } = cpu;
  waitLock.lock(cpu, at + PercpuRwsem.lock);
  // Once more, under the lock that W4 takes after W3: from here on it finds us in the queue.
  if (enter(cpu, at, flags)) {
    waitLock.unlock(cpu, at + PercpuRwsem.lock);
    return;
  }
  const entry = takeWaitEntry(cpu, flags);
  listAddTail(memory, at + PercpuRwsem.waiters, entry);
  memory.write(entry + WaitEntry.queue, at);
  for (;;) {
    // S1 of task-layout.ts.
    setCurrentState(cpu, TaskState.uninterruptible);
    if (memory.read(entry + WaitEntry.queue) === 0) break;
    waitLock.unlock(cpu, at + PercpuRwsem.lock);
    yield* schedule(cpu, at);
    waitLock.lock(cpu, at + PercpuRwsem.lock);
  }
  setCurrentState(cpu, TaskState.running);
  waitLock.unlock(cpu, at + PercpuRwsem.lock);
  freeWaitEntry(cpu, entry);
}

/** Linux: __percpu_rwsem_trylock(). For ourselves, or for one in the queue. */
export function enter(cpu: Cpu, at: Ptr, flags: number): boolean {
  return (flags & WaitFlag.exclusive) !== 0 ? tryWriter(cpu, at) : tryReader(cpu, at);
}

/** W4. Linux: percpu_rwsem_wake_function() for each. */
export function letIn(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  waitLock.lock(cpu, at + PercpuRwsem.lock);
  let entry = listFirst(memory, at + PercpuRwsem.waiters);
  while (entry !== 0) {
    const next = listNext(memory, entry);
    const flags = memory.read(entry + WaitEntry.flags);
    // Somebody who has just come was faster; it comes here when it leaves.
    if (!enter(cpu, at, flags)) break;
    listDel(memory, at + PercpuRwsem.waiters, entry);
    memory.write(entry + WaitEntry.queue, 0);
    // Under the lock, which the waiter needs to go on: so the task is still there.
    wakeUpState(cpu, memory.read(entry + WaitEntry.task), TASK_NORMAL);
    if ((flags & WaitFlag.exclusive) !== 0) break;
    entry = next;
  }
  waitLock.unlock(cpu, at + PercpuRwsem.lock);
}
