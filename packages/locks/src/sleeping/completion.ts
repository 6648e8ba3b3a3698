/**
 * Completion: "that has happened", said once or counted.
 *
 *   done   0            not yet; waiters sleep in order of arrival
 *          k            k waiters may pass, each takes one
 *          COMPLETED    all may pass, for ever (completeAll)
 */
import { mightSleep, scheduleTimeout, setCurrentState, TaskState } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
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
  yield* wait(cpu, at, Infinity);
}

/** Linux: wait_for_completion_timeout(). Returns what is left of `ns`, at least 1; 0: time is up and it has not happened. Task context. */
export function* waitForCompletionTimeout(cpu: Cpu, at: Ptr, ns: number): Sleeps<number> {
  const deadline = cpu.now() + ns;
  if (!(yield* wait(cpu, at, deadline))) return 0;
  return Math.max(1, deadline - cpu.now());
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

/** True: passed. False: the time of `cpu.now()` is past `deadline`. */
function* wait(cpu: Cpu, at: Ptr, deadline: number): Sleeps<boolean> {
  mightSleep(cpu);
  if (tryWaitForCompletion(cpu, at)) return true;
  const { memory } = cpu;
  const entry = takeWaitEntry(cpu, WaitFlag.exclusive);
  let passed: boolean;
  for (;;) {
    const flags = waitLock.lockIrqsave(cpu, at + LOCK);
    // A wake-up takes the entry off the queue; whoever comes first then may pass first.
    if (memory.read(entry + WaitEntry.queue) === 0) {
      listAddTail(memory, at + ENTRIES, entry);
      memory.write(entry + WaitEntry.queue, at + Completion.queue);
    }
    setCurrentState(cpu, TaskState.uninterruptible);
    passed = pass(cpu, at);
    const over = passed || cpu.now() >= deadline;
    if (over) {
      setCurrentState(cpu, TaskState.running);
      listDel(memory, at + ENTRIES, entry);
    }
    waitLock.unlockIrqrestore(cpu, at + LOCK, flags);
    if (over) break;
    yield* scheduleTimeout(cpu, Math.max(0, deadline - cpu.now()), at);
  }
  freeWaitEntry(cpu, entry);
  return passed;
}

/** Under the lock. */
function pass(cpu: Cpu, at: Ptr): boolean {
  const { memory } = cpu;
  const done = memory.read(at + Completion.done);
  if (done === 0) return false;
  if (done !== COMPLETED) memory.write(at + Completion.done, done - 1);
  return true;
}
