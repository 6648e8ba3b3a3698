/**
 * Wait queue: tasks that sleep until a condition may have become true.
 *
 *   sleeper                                    waker
 *   S1 prepareToWait: join, state = asleep     W1 make the condition true
 *   S2 condition true? then S4                 W2 wakeUp: under the lock, for each: state = running
 *   S3 yield* schedule(cpu)
 *   S4 finishWait: state = running, leave
 *
 * Nothing is lost: if S2 misses W1, then S1 came before W2, which finds the task. `waitEvent` is these
 * four lines; whoever waits for several queues at once writes them out.
 *
 * Tasks that wait *exclusively* stand behind the others and are woken one at a time, in order: for
 * conditions that only one of them can use.
 */
import {
  schedule,
  scheduleTimeout,
  setCurrentState,
  TASK_NORMAL,
  TaskState,
  wakeUpState,
} from '@percpu/machine';
import type { Cpu, Sleeps, TaskStateCode } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';
import { ALREADY_DONE } from './already-done.ts';
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

/**
 * Linux: wait_event(). Sleeps until `condition()` is true. It is asked on this CPU, without a lock, at least
 * once before and after each wake-up; whoever makes it true calls `wakeUp` afterwards. Task context.
 */
export function waitEvent(cpu: Cpu, queue: Ptr, condition: () => boolean): Sleeps<void> {
  return condition() ? ALREADY_DONE : sleepUntil(cpu, queue, condition, 0);
}

/** Linux: wait_event_exclusive(). As `waitEvent`, in the order of arrival, and of those a `wakeUp` ends one sleep. */
export function waitEventExclusive(cpu: Cpu, queue: Ptr, condition: () => boolean): Sleeps<void> {
  return condition() ? ALREADY_DONE : sleepUntil(cpu, queue, condition, WaitFlag.exclusive);
}

function* sleepUntil(cpu: Cpu, queue: Ptr, condition: () => boolean, flags: number): Sleeps<void> {
  const entry = takeWaitEntry(cpu, flags);
  for (;;) {
    prepareToWait(cpu, queue, entry, TaskState.uninterruptible);
    if (condition()) break;
    yield* schedule(cpu, queue);
  }
  finishWait(cpu, queue, entry);
}

/**
 * Linux: wait_event_timeout(). As `waitEvent`, for at most `ns` nanoseconds. Returns what is left of them,
 * at least 1 if the condition is true; 0: time is up, and it is not.
 */
export function* waitEventTimeout(
  cpu: Cpu,
  queue: Ptr,
  condition: () => boolean,
  ns: number,
): Sleeps<number> {
  const deadline = cpu.now() + ns;
  if (condition()) return Math.max(1, ns);
  const entry = takeWaitEntry(cpu, 0);
  let left: number;
  for (;;) {
    prepareToWait(cpu, queue, entry, TaskState.uninterruptible);
    // The clock first: a condition found false was false when time was up.
    left = Math.max(0, deadline - cpu.now());
    if (condition()) left = Math.max(1, left);
    else if (left > 0) {
      yield* scheduleTimeout(cpu, left, queue);
      continue;
    }
    break;
  }
  finishWait(cpu, queue, entry);
  return left;
}

/** Linux: DEFINE_WAIT(). An entry for the running task, given back by `finishWait`. Task context. */
export function initWait(cpu: Cpu): Ptr {
  return takeWaitEntry(cpu, 0);
}

/** As `initWait`, for an exclusive wait. */
export function initWaitExclusive(cpu: Cpu): Ptr {
  return takeWaitEntry(cpu, WaitFlag.exclusive);
}

/**
 * Linux: prepare_to_wait(), prepare_to_wait_exclusive(). Joins the queue unless on it already, and announces
 * the sleep. After it comes a look at the condition, then `schedule`. Task context.
 */
export function prepareToWait(cpu: Cpu, queue: Ptr, entry: Ptr, state: TaskStateCode): void {
  const { memory } = cpu;
  const flags = waitLock.lockIrqsave(cpu, queue + WaitQueue.lock);
  if (memory.read(entry + WaitEntry.queue) === 0) enqueue(memory, queue, entry);
  setCurrentState(cpu, state); // S1
  waitLock.unlockIrqrestore(cpu, queue + WaitQueue.lock, flags);
}

/** Linux: finish_wait(). The wait is over: the task runs, the entry is gone. */
export function finishWait(cpu: Cpu, queue: Ptr, entry: Ptr): void {
  setCurrentState(cpu, TaskState.running);
  // The lock even where the entry has left already: the waker that took it off may still look at it.
  const flags = waitLock.lockIrqsave(cpu, queue + WaitQueue.lock);
  if (cpu.memory.read(entry + WaitEntry.queue) !== 0) dequeue(cpu.memory, queue, entry);
  waitLock.unlockIrqrestore(cpu, queue + WaitQueue.lock, flags);
  freeWaitEntry(cpu, entry);
}

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
  const flags = waitLock.lockIrqsave(cpu, queue + WaitQueue.lock);
  wakeUpLocked(cpu, queue, exclusive);
  waitLock.unlockIrqrestore(cpu, queue + WaitQueue.lock, flags);
}

/** Linux: waitqueue_active(). Does anybody wait? The answer may be old by the time it arrives. Any context. */
export function waitQueueActive(cpu: Cpu, queue: Ptr): boolean {
  const flags = waitLock.lockIrqsave(cpu, queue + WaitQueue.lock);
  const first = listFirst(cpu.memory, queue + WaitQueue.entries);
  waitLock.unlockIrqrestore(cpu, queue + WaitQueue.lock, flags);
  return first !== 0;
}

/** Linux: wake_up_locked(). The caller holds the lock of the queue. A task that is woken leaves the queue. */
export function wakeUpLocked(cpu: Cpu, queue: Ptr, exclusive: number): void {
  const { memory } = cpu;
  let left = exclusive;
  let entry = listFirst(memory, queue + WaitQueue.entries);
  while (entry !== 0 && left > 0) {
    const next = listNext(memory, entry);
    // W2. Under the lock, which the sleeper needs to leave: so the task is still there.
    if (wakeUpState(cpu, memory.read(entry + WaitEntry.task), TASK_NORMAL)) {
      if ((memory.read(entry + WaitEntry.flags) & WaitFlag.exclusive) !== 0) left--;
      dequeue(memory, queue, entry);
    }
    entry = next;
  }
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
