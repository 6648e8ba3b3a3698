/**
 * Completion: "that has happened", said once or counted.
 *
 *   done   0            not yet; waiters sleep in order of arrival
 *          k            k waiters may pass, each takes one
 *          COMPLETED    all may pass, for ever (completeAll)
 */
import { Errno, mightSleep, scheduleTimeout, setCurrentState } from '@percpu/machine';
import { signalPendingState, TaskState } from '@percpu/machine';
import type { Cpu, Sleeps, TaskStateCode } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { listDel, listAddTail } from '../list.ts';
import { freeWaitEntry, takeWaitEntry, WaitEntry, WaitFlag } from './wait-entry.ts';
import { waitLock } from './wait-lock.ts';
import { initWaitQueue, WaitQueue, wakeUpLocked } from './wait-queue.ts';

const fields = {
  /** Under the lock of `queue`. */
  done: 'u32',
  queue: WaitQueue,
} as const;

/** Linux: struct completion. All words 0: nothing has happened, nobody waits. */
export const Completion: Layout<Record<'done' | 'queue', unknown>> = layout(fields, {
  name: 'Completion',
});

/** Linux: UINT_MAX in `done`. */
const COMPLETED = 0xffff_ffff;

const LOCK = Completion.queue + WaitQueue.lock;
const ENTRIES = Completion.queue + WaitQueue.entries;

/** Linux: init_completion(). Nobody waits for it. */
export function initCompletion(cpu: Cpu, at: Ptr): void {
  cpu.memory.write(at + Completion.done, 0);
  initWaitQueue(cpu, at + Completion.queue);
  cpu.memory.describe(at, Completion);
}

/** Linux: reinit_completion(). For another use; nobody waits for it. */
export function reinitCompletion(cpu: Cpu, at: Ptr): void {
  const flags = waitLock.lockIrqsave(cpu, at + LOCK);
  cpu.memory.write(at + Completion.done, 0);
  waitLock.unlockIrqrestore(cpu, at + LOCK, flags);
}

/** Linux: complete(). Lets one waiter pass, the one that has waited longest or the next to come. Any context. */
export function complete(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  const flags = waitLock.lockIrqsave(cpu, at + LOCK);
  const done = memory.read(at + Completion.done);
  if (done !== COMPLETED) memory.write(at + Completion.done, done + 1);
  wakeUpLocked(cpu, at + Completion.queue, 1);
  waitLock.unlockIrqrestore(cpu, at + LOCK, flags);
}

/** Linux: complete_all(). Lets all pass, now and later, until `reinitCompletion`. Any context. */
export function completeAll(cpu: Cpu, at: Ptr): void {
  const flags = waitLock.lockIrqsave(cpu, at + LOCK);
  cpu.memory.write(at + Completion.done, COMPLETED);
  wakeUpLocked(cpu, at + Completion.queue, Infinity);
  waitLock.unlockIrqrestore(cpu, at + LOCK, flags);
}

/** Linux: wait_for_completion(). Task context. */
export function* waitForCompletion(cpu: Cpu, at: Ptr): Sleeps<void> {
  yield* wait(cpu, at, TaskState.uninterruptible, Infinity);
}

/** Linux: wait_for_completion_timeout(). Returns what is left of `ns`, at least 1; 0: time is up and it has not happened. Task context. */
export function* waitForCompletionTimeout(cpu: Cpu, at: Ptr, ns: number): Sleeps<number> {
  return yield* wait(cpu, at, TaskState.uninterruptible, ns);
}

/** Linux: wait_for_completion_interruptible(). Returns 0, or -ERESTARTSYS: a signal came, and it has not happened. Task context. */
export function* waitForCompletionInterruptible(cpu: Cpu, at: Ptr): Sleeps<number> {
  return Math.min(yield* wait(cpu, at, TaskState.interruptible, Infinity), 0);
}

/** Linux: wait_for_completion_killable(). As `…Interruptible`, for fatal signals. Task context. */
export function* waitForCompletionKillable(cpu: Cpu, at: Ptr): Sleeps<number> {
  return Math.min(yield* wait(cpu, at, TaskState.killable, Infinity), 0);
}

/** Linux: wait_for_completion_interruptible_timeout(). As `…Timeout`, or -ERESTARTSYS. Task context. */
export function* waitForCompletionInterruptibleTimeout(
  cpu: Cpu,
  at: Ptr,
  ns: number,
): Sleeps<number> {
  return yield* wait(cpu, at, TaskState.interruptible, ns);
}

/** Linux: wait_for_completion_killable_timeout(). As `…Timeout`, or -ERESTARTSYS. Task context. */
export function* waitForCompletionKillableTimeout(cpu: Cpu, at: Ptr, ns: number): Sleeps<number> {
  return yield* wait(cpu, at, TaskState.killable, ns);
}

/** Linux: try_wait_for_completion(). Passes if that needs no sleep. Any context. */
export function tryWaitForCompletion(cpu: Cpu, at: Ptr): boolean {
  const flags = waitLock.lockIrqsave(cpu, at + LOCK);
  const passed = pass(cpu, at);
  waitLock.unlockIrqrestore(cpu, at + LOCK, flags);
  return passed;
}

/** Linux: completion_done(). Would a wait pass at once? Any context. */
export function completionDone(cpu: Cpu, at: Ptr): boolean {
  const flags = waitLock.lockIrqsave(cpu, at + LOCK);
  const done = cpu.memory.read(at + Completion.done);
  waitLock.unlockIrqrestore(cpu, at + LOCK, flags);
  return done !== 0;
}

/** Returns what is left of `ns`, at least 1: passed. 0: time is up. -ERESTARTSYS. */
function* wait(cpu: Cpu, at: Ptr, state: TaskStateCode, ns: number): Sleeps<number> {
  mightSleep(cpu);
  if (tryWaitForCompletion(cpu, at)) return Math.max(1, ns);
  const { memory } = cpu;
  const deadline = cpu.now() + ns;
  const entry = takeWaitEntry(cpu, WaitFlag.exclusive);
  let left: number;
  for (;;) {
    const flags = waitLock.lockIrqsave(cpu, at + LOCK);
    // A wake-up takes the entry off the queue; whoever comes first then may pass first.
    if (memory.read(entry + WaitEntry.queue) === 0) {
      listAddTail(memory, at + ENTRIES, entry);
      memory.write(entry + WaitEntry.queue, at + Completion.queue);
    }
    setCurrentState(cpu, state);
    left = Math.max(0, deadline - cpu.now());
    // First of all: who leaves for another reason has found that nobody may pass, so it was woken for nothing that it leaves behind.
    const passed = pass(cpu, at);
    const interrupted = !passed && signalPendingState(cpu, state);
    const over = passed || interrupted || left === 0;
    if (over) {
      setCurrentState(cpu, TaskState.running);
      listDel(memory, at + ENTRIES, entry);
    }
    waitLock.unlockIrqrestore(cpu, at + LOCK, flags);
    if (passed) left = Math.max(1, left);
    else if (interrupted) left = Errno.ERESTARTSYS;
    if (over) break;
    yield* scheduleTimeout(cpu, left, at);
  }
  freeWaitEntry(cpu, entry);
  return left;
}

/** Under the lock. */
function pass(cpu: Cpu, at: Ptr): boolean {
  const { memory } = cpu;
  const done = memory.read(at + Completion.done);
  if (done === 0) return false;
  if (done !== COMPLETED) memory.write(at + Completion.done, done - 1);
  return true;
}
