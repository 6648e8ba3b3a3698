/**
 * Counting semaphore: `count` units that tasks take and anybody gives back, interrupts too.
 *
 *   count > 0   nobody waits
 *   count = 0   waiters in order of arrival; `up` gives its unit to the first of them, not to `count`:
 *               a waiter that wakes has it, and nobody comes in between
 *
 * Nobody owns it. For mutual exclusion a mutex is better: faster, and it knows its owner.
 */
import { Errno, mightSleep, scheduleTimeout, setCurrentState } from '@percpu/machine';
import { signalPendingState, TASK_NORMAL, TaskState, wakeUpState } from '@percpu/machine';
import type { Cpu, Sleeps, TaskStateCode } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import {
  isObserved,
  lockAbandoned,
  lockAcquire,
  lockAcquired,
  lockContended,
  lockInit,
  lockKind,
  lockRelease,
  lockTried,
} from '../debug/index.ts';
import type { LockKind } from '../debug/index.ts';
import { listAddTail, listDel, listFirst, ListHead } from '../list.ts';
import { ALREADY_DONE, ALREADY_TAKEN } from './already-done.ts';
import { freeWaitEntry, takeWaitEntry, WaitEntry } from './wait-entry.ts';
import { WaitLock, waitLock } from './wait-lock.ts';

const fields = {
  lock: WaitLock,
  /** Under `lock`, as the rest. */
  count: 'u32',
  /** Of WaitEntry, in order of arrival; whoever is given a unit is taken off (`WaitEntry.queue` = 0). */
  waiters: ListHead,
  /** Of the debug mode. */
  magic: 'u32',
} as const;

/** Linux: struct semaphore. All words 0: no units, nobody waits. */
export const Semaphore: Layout<'lock' | 'count' | 'waiters' | 'magic'> = layout(fields, {
  name: 'Semaphore',
});

const KIND: LockKind = lockKind({
  name: 'semaphore',
  family: 'semaphore',
  layout: Semaphore,
  owner: 'none',
  sleeps: true,
});

const MAX_COUNT = 0x7fff_ffff;

/** Linux: sema_init(). With `count` units, 0 to 2^31 − 1. Nobody waits for it. */
export function semaInit(cpu: Cpu, at: Ptr, count: number): void {
  if (!Number.isInteger(count) || count < 0 || count > MAX_COUNT)
    throw new RangeError(`semaInit: ${count} units; accepted are whole numbers from 0 to 2^31 − 1`);
  for (let offset = 0; offset < Semaphore.size; offset += 4) cpu.memory.store(at + offset, 0);
  cpu.memory.write(at + Semaphore.count, count);
  cpu.memory.describe(at, Semaphore);
  if (isObserved(cpu)) lockInit(cpu, KIND, at);
}

/** Linux: down(). Sleeps until it has a unit. Task context. */
export function down(cpu: Cpu, at: Ptr, site = 0): Sleeps<void> {
  if (!isObserved(cpu) && takeUnit(cpu, at)) return ALREADY_DONE;
  return surely(observedDown(cpu, at, TaskState.uninterruptible, Infinity, site));
}

/** Linux: down_interruptible(). Returns 0, or -EINTR: a signal came, and there is no unit. Task context. */
export function downInterruptible(cpu: Cpu, at: Ptr, site = 0): Sleeps<number> {
  if (!isObserved(cpu) && takeUnit(cpu, at)) return ALREADY_TAKEN;
  return observedDown(cpu, at, TaskState.interruptible, Infinity, site);
}

/** Linux: down_killable(). As `downInterruptible`, for fatal signals. Task context. */
export function downKillable(cpu: Cpu, at: Ptr, site = 0): Sleeps<number> {
  if (!isObserved(cpu) && takeUnit(cpu, at)) return ALREADY_TAKEN;
  return observedDown(cpu, at, TaskState.killable, Infinity, site);
}

/** Linux: down_timeout(), in nanoseconds. Returns 0, or -ETIME. Task context. */
export function downTimeout(cpu: Cpu, at: Ptr, ns: number, site = 0): Sleeps<number> {
  if (!isObserved(cpu) && takeUnit(cpu, at)) return ALREADY_TAKEN;
  return observedDown(cpu, at, TaskState.uninterruptible, ns, site);
}

/** Linux: down_trylock(), which answers the other way round. True: it has a unit. Any context. */
export function downTrylock(cpu: Cpu, at: Ptr, site = 0): boolean {
  if (!takeUnit(cpu, at)) return false;
  if (isObserved(cpu)) lockTried(cpu, KIND, at, 0, site);
  return true;
}

/** Linux: up(). Gives a unit back, or a new one. Any context, by anybody. */
export function up(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  if (isObserved(cpu)) lockRelease(cpu, KIND, at, 0, 0);
  const flags = waitLock.lockIrqsave(cpu, at + Semaphore.lock);
  const first = listFirst(memory, at + Semaphore.waiters);
  if (first === 0) {
    memory.write(at + Semaphore.count, memory.read(at + Semaphore.count) + 1);
  } else {
    listDel(memory, at + Semaphore.waiters, first);
    memory.write(first + WaitEntry.queue, 0);
    // Under the lock, which the waiter needs to go on: so the task is still there.
    wakeUpState(cpu, memory.read(first + WaitEntry.task), TASK_NORMAL);
  }
  waitLock.unlockIrqrestore(cpu, at + Semaphore.lock, flags);
}

/** How many units are there now. The answer may be old by the time it arrives. Any context. */
export function semaCount(cpu: Cpu, at: Ptr): number {
  const flags = waitLock.lockIrqsave(cpu, at + Semaphore.lock);
  const count = cpu.memory.read(at + Semaphore.count);
  waitLock.unlockIrqrestore(cpu, at + Semaphore.lock, flags);
  return count;
}

function takeUnit(cpu: Cpu, at: Ptr): boolean {
  const { memory } = cpu;
  const flags = waitLock.lockIrqsave(cpu, at + Semaphore.lock);
  const count = memory.read(at + Semaphore.count);
  if (count > 0) memory.write(at + Semaphore.count, count - 1);
  waitLock.unlockIrqrestore(cpu, at + Semaphore.lock, flags);
  return count > 0;
}

function* surely(wait: Sleeps<number>): Sleeps<void> {
  yield* wait;
}

function* observedDown(
  cpu: Cpu,
  at: Ptr,
  state: TaskStateCode,
  ns: number,
  site: number,
): Sleeps<number> {
  if (!isObserved(cpu)) return yield* downSlow(cpu, at, state, ns);
  lockAcquire(cpu, KIND, at, 0, site);
  let result = 0;
  if (!takeUnit(cpu, at)) {
    lockContended(cpu, KIND, at, site);
    result = yield* downSlow(cpu, at, state, ns);
  }
  if (result === 0) lockAcquired(cpu, KIND, at, site);
  else lockAbandoned(cpu, KIND, at, site);
  return result;
}

function* downSlow(cpu: Cpu, at: Ptr, state: TaskStateCode, ns: number): Sleeps<number> {
  mightSleep(cpu);
  const { memory } = cpu;
  const deadline = cpu.now() + ns;
  let flags = waitLock.lockIrqsave(cpu, at + Semaphore.lock);
  const count = memory.read(at + Semaphore.count);
  if (count > 0) {
    memory.write(at + Semaphore.count, count - 1);
    waitLock.unlockIrqrestore(cpu, at + Semaphore.lock, flags);
    return 0;
  }
  const entry = takeWaitEntry(cpu, 0);
  memory.write(entry + WaitEntry.queue, at);
  listAddTail(memory, at + Semaphore.waiters, entry);
  let result = 0;
  // A unit that was given to us is ours, whatever else has happened: asked first.
  while (memory.read(entry + WaitEntry.queue) !== 0) {
    const left = Math.max(0, deadline - cpu.now());
    if (signalPendingState(cpu, state)) result = Errno.EINTR;
    else if (left === 0) result = Errno.ETIME;
    if (result !== 0) {
      listDel(memory, at + Semaphore.waiters, entry);
      break;
    }
    // S1 of task-layout.ts: who gives us a unit needs the lock.
    setCurrentState(cpu, state);
    waitLock.unlockIrqrestore(cpu, at + Semaphore.lock, flags);
    yield* scheduleTimeout(cpu, left, at);
    flags = waitLock.lockIrqsave(cpu, at + Semaphore.lock);
  }
  waitLock.unlockIrqrestore(cpu, at + Semaphore.lock, flags);
  freeWaitEntry(cpu, entry);
  return result;
}
