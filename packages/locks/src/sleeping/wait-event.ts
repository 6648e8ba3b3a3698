/**
 * Waiting for a condition on a wait queue, in all forms. `condition()` is asked on this CPU at least once before and after
 * each wake-up; whoever makes it true wakes the queue afterwards. Task context.
 *
 * What they return:
 *   plain            nothing
 *   Interruptible    0, or -ERESTARTSYS: a signal is pending, and the condition was false
 *   Killable         the same for fatal signals
 *   Timeout          what is left of the time, at least 1, if the condition is true; 0: time is up, and it is not
 * Exclusive waits are served in the order of arrival, one by each `wakeUp`. They have no timeout, as in Linux: a task that
 * leaves when time is up could be the one that was woken.
 */
import { schedule, scheduleTimeout, TaskState } from '@percpu/machine';
import type { Cpu, Sleeps, TaskStateCode } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import type { SpinLockType } from '../spin/spin-lock-type.ts';
import { ALREADY_DONE, ALREADY_TAKEN } from './already-done.ts';
import { takeWaitEntry, WaitFlag } from './wait-entry.ts';
import { finishWait, prepareToWaitEvent } from './wait-queue.ts';

type Condition = () => boolean;

const { uninterruptible, interruptible, killable } = TaskState;

/** Linux: wait_event(). */
export function waitEvent(cpu: Cpu, queue: Ptr, condition: Condition): Sleeps<void> {
  return condition() ? ALREADY_DONE : surely(cpu, queue, condition, 0);
}

/** Linux: wait_event_exclusive(). */
export function waitEventExclusive(cpu: Cpu, queue: Ptr, condition: Condition): Sleeps<void> {
  return condition() ? ALREADY_DONE : surely(cpu, queue, condition, WaitFlag.exclusive);
}

/** Linux: wait_event_interruptible(). */
export function waitEventInterruptible(cpu: Cpu, queue: Ptr, condition: Condition): Sleeps<number> {
  return condition() ? ALREADY_TAKEN : orSignal(cpu, queue, condition, interruptible, 0);
}

/** Linux: wait_event_interruptible_exclusive(). */
export function waitEventInterruptibleExclusive(
  cpu: Cpu,
  queue: Ptr,
  condition: Condition,
): Sleeps<number> {
  return condition()
    ? ALREADY_TAKEN
    : orSignal(cpu, queue, condition, interruptible, WaitFlag.exclusive);
}

/** Linux: wait_event_killable(). */
export function waitEventKillable(cpu: Cpu, queue: Ptr, condition: Condition): Sleeps<number> {
  return condition() ? ALREADY_TAKEN : orSignal(cpu, queue, condition, killable, 0);
}

/** Linux: wait_event_killable_exclusive(). */
export function waitEventKillableExclusive(
  cpu: Cpu,
  queue: Ptr,
  condition: Condition,
): Sleeps<number> {
  return condition()
    ? ALREADY_TAKEN
    : orSignal(cpu, queue, condition, killable, WaitFlag.exclusive);
}

/** Linux: wait_event_timeout(), in nanoseconds. */
export function waitEventTimeout(
  cpu: Cpu,
  queue: Ptr,
  condition: Condition,
  ns: number,
): Sleeps<number> {
  return orTimeout(cpu, queue, condition, uninterruptible, ns);
}

/** Linux: wait_event_interruptible_timeout(), in nanoseconds. */
export function waitEventInterruptibleTimeout(
  cpu: Cpu,
  queue: Ptr,
  condition: Condition,
  ns: number,
): Sleeps<number> {
  return orTimeout(cpu, queue, condition, interruptible, ns);
}

/** Linux: wait_event_killable_timeout(), in nanoseconds. */
export function waitEventKillableTimeout(
  cpu: Cpu,
  queue: Ptr,
  condition: Condition,
  ns: number,
): Sleeps<number> {
  return orTimeout(cpu, queue, condition, killable, ns);
}

/**
 * Linux: wait_event_lock_irq(). The caller holds `lock`, a spin lock of `type`, with interrupts off by `lockIrq`, and holds it
 * again afterwards; the condition is asked under it, and the sleep is without it.
 */
export function* waitEventLockIrq(
  cpu: Cpu,
  queue: Ptr,
  condition: Condition,
  type: SpinLockType,
  lock: Ptr,
): Sleeps<void> {
  if (condition()) return;
  yield* sleepUntil(cpu, queue, condition, uninterruptible, 0, Infinity, type, lock);
}

/** Linux: wait_event_interruptible_lock_irq(). */
export function* waitEventInterruptibleLockIrq(
  cpu: Cpu,
  queue: Ptr,
  condition: Condition,
  type: SpinLockType,
  lock: Ptr,
): Sleeps<number> {
  if (condition()) return 0;
  const left = yield* sleepUntil(cpu, queue, condition, interruptible, 0, Infinity, type, lock);
  return Math.min(left, 0);
}

function* surely(cpu: Cpu, queue: Ptr, condition: Condition, flags: number): Sleeps<void> {
  yield* sleepUntil(cpu, queue, condition, uninterruptible, flags, Infinity);
}

function* orSignal(
  cpu: Cpu,
  queue: Ptr,
  condition: Condition,
  state: TaskStateCode,
  flags: number,
): Sleeps<number> {
  return Math.min(yield* sleepUntil(cpu, queue, condition, state, flags, Infinity), 0);
}

function* orTimeout(
  cpu: Cpu,
  queue: Ptr,
  condition: Condition,
  state: TaskStateCode,
  ns: number,
): Sleeps<number> {
  if (condition()) return Math.max(1, ns);
  return yield* sleepUntil(cpu, queue, condition, state, 0, ns);
}

/** S1 to S4 of wait-queue.ts. Returns what is left of `ns`, at least 1; 0: time is up; -ERESTARTSYS. */
function* sleepUntil(
  cpu: Cpu,
  queue: Ptr,
  condition: Condition,
  state: TaskStateCode,
  flags: number,
  ns: number,
  type?: SpinLockType,
  lock: Ptr = 0,
): Sleeps<number> {
  const deadline = ns === Infinity ? Infinity : cpu.now() + ns;
  const entry = takeWaitEntry(cpu, flags);
  let left: number;
  for (;;) {
    const interrupted = prepareToWaitEvent(cpu, queue, entry, state);
    // The clock first: a condition found false was false when time was up.
    left = deadline === Infinity ? Infinity : Math.max(0, deadline - cpu.now());
    if (condition()) {
      left = Math.max(1, left);
      break;
    }
    if (interrupted !== 0) {
      left = interrupted;
      break;
    }
    if (left === 0) break;
    type?.unlockIrq(cpu, lock);
    if (left === Infinity) yield* schedule(cpu, queue);
    else yield* scheduleTimeout(cpu, left, queue);
    type?.lockIrq(cpu, lock);
  }
  finishWait(cpu, queue, entry);
  return left;
}
