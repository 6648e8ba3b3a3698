/**
 * Wait queue: tasks that sleep until a condition may have become true.
 *
 *   sleeper                                    waker
 *   S1 prepareToWait: join, state = asleep     W1 make the condition true
 *   S2 condition true? then S4                 W2 wakeUp: under the lock, for each: state = running
 *   S3 yield* schedule(cpu)
 *   S4 finishWait: state = running, leave
 *
 * Nothing is lost: if S2 misses W1, then S1 came before W2, which finds the task. The `waitEvent…` forms
 * (wait-event.ts) are these four lines; whoever waits for several queues at once writes them out.
 *
 * Tasks that wait *exclusively* stand behind the others and are woken one at a time, in order: for
 * conditions that only one of them can use. One that leaves for another reason must not have been the one that
 * was woken: `prepareToWaitEvent` leaves under the lock, and the look at the condition comes after.
 */
import {
  Errno,
  setCurrentState,
  signalPendingState,
  TASK_NORMAL,
  TaskState,
  wakeUpState,
} from '@percpu/machine';
import type { Cpu, TaskStateCode } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';
import { listAdd, listAddTail, listDel, listFirst, ListHead, listNext } from '../list.ts';
import { freeWaitEntry, takeWaitEntry, WaitEntry, WaitFlag } from './wait-entry.ts';
import { WaitLock, waitLock } from './wait-lock.ts';

const fields = {
  lock: WaitLock,
  /** Of WaitEntry. Under `lock`. */
  entries: ListHead,
} as const;

/** Linux: struct wait_queue_head. All words 0 is an empty queue. */
export const WaitQueue: Layout<Record<'lock' | 'entries', unknown>> = layout(fields, {
  name: 'WaitQueue',
});

/** Linux: init_waitqueue_head(). */
export function initWaitQueue(cpu: Cpu, queue: Ptr): void {
  waitLock.init(cpu, queue + WaitQueue.lock);
  cpu.memory.write(queue + WaitQueue.entries + ListHead.first, 0);
  cpu.memory.write(queue + WaitQueue.entries + ListHead.last, 0);
  cpu.memory.describe(queue, WaitQueue);
}

// ── the waiter ──────────────────────────────────────────────────────────────────────────────

/** Linux: DEFINE_WAIT(). An entry for the running task, given back by `finishWait`. Task context. */
export function initWait(cpu: Cpu): Ptr {
  return takeWaitEntry(cpu, 0);
}

/** As `initWait`, for an exclusive wait. */
export function initWaitExclusive(cpu: Cpu): Ptr {
  return takeWaitEntry(cpu, WaitFlag.exclusive);
}

/**
 * Linux: init_waitqueue_entry(). As `initWait`, but a wake-up leaves it on its queue: for `addWaitQueue`, a task that
 * waits on several queues and looks at them one after the other.
 */
export function initWaitQueueEntry(cpu: Cpu): Ptr {
  return takeWaitEntry(cpu, WaitFlag.stays);
}

/**
 * Linux: DEFINE_WAIT_FUNC(), init_waitqueue_func_entry(). An entry whose wake-up calls the kernel text at `func` with the
 * entry, the mode (mask of task states) and the key of the wake-up, on the waker's CPU, under the lock of the queue, with
 * interrupts off. It returns 1 if it woke somebody, which counts if the entry is exclusive; 0 if not; a negative
 * errno ends the wake-up. `autoremoveWakeFunction` is the ordinary one. `data` is for it: `waitEntryData`.
 */
export function initWaitFunc(cpu: Cpu, func: Ptr, data = 0, exclusive = false): Ptr {
  return takeWaitEntry(cpu, exclusive ? WaitFlag.exclusive : 0, func, data);
}

/** What `initWaitFunc` was given. */
export function waitEntryData(cpu: Cpu, entry: Ptr): number {
  return cpu.memory.read(entry + WaitEntry.data);
}

/** Linux: add_wait_queue(), add_wait_queue_exclusive(). The entry is on no queue. */
export function addWaitQueue(cpu: Cpu, queue: Ptr, entry: Ptr): void {
  const flags = waitLock.lockIrqsave(cpu, queue + WaitQueue.lock);
  enqueue(cpu.memory, queue, entry);
  waitLock.unlockIrqrestore(cpu, queue + WaitQueue.lock, flags);
}

/** Linux: remove_wait_queue(). The entry is gone afterwards. On the CPU that took it. */
export function removeWaitQueue(cpu: Cpu, queue: Ptr, entry: Ptr): void {
  // The lock even where the entry has left already: the waker that took it off may still look at it.
  const flags = waitLock.lockIrqsave(cpu, queue + WaitQueue.lock);
  if (cpu.memory.read(entry + WaitEntry.queue) !== 0) dequeue(cpu.memory, queue, entry);
  waitLock.unlockIrqrestore(cpu, queue + WaitQueue.lock, flags);
  freeWaitEntry(cpu, entry);
}

/**
 * Linux: prepare_to_wait(), prepare_to_wait_exclusive(). Joins the queue unless on it already, and announces
 * the sleep. After it comes a look at the condition, then `schedule`. Task context.
 */
export function prepareToWait(cpu: Cpu, queue: Ptr, entry: Ptr, state: TaskStateCode): void {
  const flags = waitLock.lockIrqsave(cpu, queue + WaitQueue.lock);
  join(cpu, queue, entry, state);
  waitLock.unlockIrqrestore(cpu, queue + WaitQueue.lock, flags);
}

/**
 * Linux: prepare_to_wait_event(). As `prepareToWait`, but returns -ERESTARTSYS if a signal is pending that ends a sleep in
 * `state`: the entry is on no queue then. Whoever finds the condition true after that takes it all the same: this may
 * be the one that a wake-up was for.
 */
export function prepareToWaitEvent(cpu: Cpu, queue: Ptr, entry: Ptr, state: TaskStateCode): number {
  const flags = waitLock.lockIrqsave(cpu, queue + WaitQueue.lock);
  const interrupted = signalPendingState(cpu, state);
  if (!interrupted) join(cpu, queue, entry, state);
  else if (cpu.memory.read(entry + WaitEntry.queue) !== 0) dequeue(cpu.memory, queue, entry);
  waitLock.unlockIrqrestore(cpu, queue + WaitQueue.lock, flags);
  return interrupted ? Errno.ERESTARTSYS : 0;
}

/** Linux: finish_wait(). The wait is over: the task runs, the entry is gone. */
export function finishWait(cpu: Cpu, queue: Ptr, entry: Ptr): void {
  setCurrentState(cpu, TaskState.running);
  removeWaitQueue(cpu, queue, entry);
}

function join(cpu: Cpu, queue: Ptr, entry: Ptr, state: TaskStateCode): void {
  if (cpu.memory.read(entry + WaitEntry.queue) === 0) enqueue(cpu.memory, queue, entry);
  setCurrentState(cpu, state); // S1
}

// ── the waker ───────────────────────────────────────────────────────────────────────────────

/** Linux: wake_up(). Ends the sleep of all tasks that wait, but of one only among those that wait exclusively. Any context. */
export function wakeUp(cpu: Cpu, queue: Ptr): void {
  wakeUpNr(cpu, queue, 1);
}

/** Linux: wake_up_all(). Any context. */
export function wakeUpAll(cpu: Cpu, queue: Ptr): void {
  wakeUpNr(cpu, queue, Infinity);
}

/** Linux: wake_up_nr(). As `wakeUp`, for `exclusive` of those that wait exclusively. Any context. */
export function wakeUpNr(cpu: Cpu, queue: Ptr, exclusive: number): void {
  wakeUpKey(cpu, queue, TASK_NORMAL, exclusive, 0);
}

/** Linux: wake_up_interruptible(). As `wakeUp`, for those whose sleep is interruptible. Any context. */
export function wakeUpInterruptible(cpu: Cpu, queue: Ptr): void {
  wakeUpKey(cpu, queue, TaskState.interruptible, 1, 0);
}

/** Linux: wake_up_interruptible_nr(), wake_up_interruptible_all() with Infinity. Any context. */
export function wakeUpInterruptibleNr(cpu: Cpu, queue: Ptr, exclusive: number): void {
  wakeUpKey(cpu, queue, TaskState.interruptible, exclusive, 0);
}

/** Linux: __wake_up(), wake_up_poll(). Ends sleeps in `mode` (a mask of task states); wake functions are told `key`. Any context. */
export function wakeUpKey(
  cpu: Cpu,
  queue: Ptr,
  mode: number,
  exclusive: number,
  key: number,
): void {
  const flags = waitLock.lockIrqsave(cpu, queue + WaitQueue.lock);
  wakeUpLocked(cpu, queue, exclusive, mode, key);
  waitLock.unlockIrqrestore(cpu, queue + WaitQueue.lock, flags);
}

/** Linux: waitqueue_active(). Does anybody wait? The answer may be old by the time it arrives. Any context. */
export function waitQueueActive(cpu: Cpu, queue: Ptr): boolean {
  const flags = waitLock.lockIrqsave(cpu, queue + WaitQueue.lock);
  const first = listFirst(cpu.memory, queue + WaitQueue.entries);
  waitLock.unlockIrqrestore(cpu, queue + WaitQueue.lock, flags);
  return first !== 0;
}

/** Linux: wake_up_locked(), __wake_up_locked_key(). The caller holds the lock of the queue. */
export function wakeUpLocked(
  cpu: Cpu,
  queue: Ptr,
  exclusive: number,
  mode: number = TASK_NORMAL,
  key = 0,
): void {
  const { memory } = cpu;
  let left = exclusive;
  let entry = listFirst(memory, queue + WaitQueue.entries);
  while (entry !== 0 && left > 0) {
    const next = listNext(memory, entry);
    const flags = memory.read(entry + WaitEntry.flags);
    const func = memory.read(entry + WaitEntry.func);
    // W2. Under the lock, which the sleeper needs to leave: so the task is still there.
    const woken =
      func === 0
        ? Number(autoremoveWakeFunction(cpu, entry, mode))
        : Number(cpu.text.call(func, entry, mode, key));
    if (woken < 0) return;
    if (woken !== 0 && (flags & WaitFlag.exclusive) !== 0) left--;
    entry = next;
  }
}

/** Linux: autoremove_wake_function(). For wake functions, under the lock of the queue: wakes the task; one that was asleep leaves the queue. */
export function autoremoveWakeFunction(cpu: Cpu, entry: Ptr, mode: number): boolean {
  const { memory } = cpu;
  if (!wakeUpState(cpu, memory.read(entry + WaitEntry.task), mode)) return false;
  if ((memory.read(entry + WaitEntry.flags) & WaitFlag.stays) === 0)
    dequeue(memory, memory.read(entry + WaitEntry.queue), entry);
  return true;
}

function enqueue(memory: Memory, queue: Ptr, entry: Ptr): void {
  const exclusive = (memory.read(entry + WaitEntry.flags) & WaitFlag.exclusive) !== 0;
  if (exclusive) listAddTail(memory, queue + WaitQueue.entries, entry);
  else listAdd(memory, queue + WaitQueue.entries, entry);
  memory.write(entry + WaitEntry.queue, queue);
}

function dequeue(memory: Memory, queue: Ptr, entry: Ptr): void {
  listDel(memory, queue + WaitQueue.entries, entry);
  memory.write(entry + WaitEntry.queue, 0);
}
