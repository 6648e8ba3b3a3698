/**
 * rt-mutex: a mutex that knows about priorities. The best waiter gets it next, and until then its owner runs with the
 * priority of the best waiter: so a task of middling priority cannot keep the owner, and with it the waiter, from
 * the CPU. What the waiters wait for in turn is followed along the chain (chain.ts).
 *
 *   owner   0 ◀──▶ task                     one compare-exchange each: the fast paths
 *           task | WAITERS ──▶ WAITERS      unlock: the best waiter is woken, and takes it
 *
 *   order of locks    wait lock of an rt-mutex ─▶ piLock of a task
 */
import { bug, currentTask, Errno, mightSleep, TaskState } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import {
  isObserved,
  lockAbandoned,
  lockAcquire,
  lockAcquired,
  lockContended,
  lockDestroy,
  lockInit,
  lockKind,
  lockRelease,
  lockTried,
} from '../../debug/index.ts';
import type { LockKind } from '../../debug/index.ts';
import { LockFlag, subclassFlags } from '../../lock-flags.ts';
import { ALREADY_DONE, ALREADY_TAKEN } from '../already-done.ts';
import { ownerOf, RtMutex } from './layout.ts';
import { lockSlow, trylockSlow, unlockSlow } from './slow-path.ts';
import type { Patience } from './slow-path.ts';

const KIND: LockKind = lockKind({
  name: 'rtmutex',
  family: 'rtmutex',
  layout: RtMutex,
  owner: 'task',
  sleeps: true,
});

const PATIENT: Patience = Object.freeze({ state: TaskState.uninterruptible, deadline: Infinity });
const INTERRUPTIBLE: Patience = Object.freeze({
  state: TaskState.interruptible,
  deadline: Infinity,
});
const KILLABLE: Patience = Object.freeze({ state: TaskState.killable, deadline: Infinity });

/** Linux: rt_mutex_init(). Nobody holds or awaits it. */
export function rtMutexInit(cpu: Cpu, at: Ptr): void {
  for (let offset = 0; offset < RtMutex.size; offset += 4) cpu.memory.store(at + offset, 0);
  cpu.memory.describe(at, RtMutex);
  if (isObserved(cpu)) lockInit(cpu, KIND, at);
}

/** Linux: rt_mutex_destroy() of 5.x. It is no mutex any more; BUG in debug mode when somebody holds or awaits it, or uses it afterwards. */
export function rtMutexDestroy(cpu: Cpu, at: Ptr): void {
  if (isObserved(cpu)) lockDestroy(cpu, KIND, at, rtMutexIsLocked(cpu, at));
}

/** Linux: rt_mutex_lock(). Sleeps until the lock is ours. A deadlock is a BUG: it has no other way to tell. Task context. `site`: see SpinLockType. */
export function rtMutexLock(cpu: Cpu, at: Ptr, site = 0): Sleeps<void> {
  return lockForSure(cpu, at, 0, site, 0);
}

/** Linux: rt_mutex_lock_nested(). As `rtMutexLock`, where the caller holds rt-mutexes of the same class on lower levels; `subclass` 0–7. */
export function rtMutexLockNested(cpu: Cpu, at: Ptr, subclass: number, site = 0): Sleeps<void> {
  return lockForSure(cpu, at, subclassFlags(cpu, subclass), site, 0);
}

/** Linux: rt_mutex_lock_nest_lock(). As `rtMutexLock`, where the caller holds `nest`, without which nobody takes several of this class. */
export function rtMutexLockNestLock(cpu: Cpu, at: Ptr, nest: Ptr, site = 0): Sleeps<void> {
  return lockForSure(cpu, at, 0, site, nest);
}

/** Linux: rt_mutex_lock_interruptible(). Returns 0, -EINTR when a signal came, -EDEADLK when the wait would never end. Task context. */
export function rtMutexLockInterruptible(cpu: Cpu, at: Ptr, site = 0): Sleeps<number> {
  return lockOrFail(cpu, at, INTERRUPTIBLE, LockFlag.mayRecur, site, 0);
}

/** Linux: rt_mutex_lock_killable(). Returns 0, -EINTR when a fatal signal came, -EDEADLK when the wait would never end. Task context. */
export function rtMutexLockKillable(cpu: Cpu, at: Ptr, site = 0): Sleeps<number> {
  return lockOrFail(cpu, at, KILLABLE, LockFlag.mayRecur, site, 0);
}

/** Linux: rt_mutex_timed_lock() of 5.x, in nanoseconds and interruptible as there. Returns 0, -ETIMEDOUT, -EINTR or -EDEADLK. Task context. */
export function rtMutexTimedLock(cpu: Cpu, at: Ptr, ns: number, site = 0): Sleeps<number> {
  if (!(ns >= 0))
    throw new RangeError(`rtMutexTimedLock: ${ns} ns; accepted are numbers from 0, and Infinity`);
  const patience = { state: TaskState.interruptible, deadline: cpu.now() + ns };
  return lockOrFail(cpu, at, patience, LockFlag.mayRecur, site, 0);
}

/** Linux: rt_mutex_trylock(). True: it is ours. Task context, but never sleeps. */
export function rtMutexTrylock(cpu: Cpu, at: Ptr, site = 0): boolean {
  if (cpu.inInterrupt())
    bug(cpu, `rtMutexTrylock in an interrupt, lock: ${hex(at)}: an rt-mutex belongs to a task`);
  if (!takeFree(cpu, at) && (ownerOf(cpu.memory, at) !== 0 || !trylockSlow(cpu, at))) return false;
  if (isObserved(cpu)) lockTried(cpu, KIND, at, 0, site);
  return true;
}

/** Linux: rt_mutex_unlock(). By the task that holds it, which has its own priority again. Task context, never sleeps. */
export function rtMutexUnlock(cpu: Cpu, at: Ptr): void {
  if (isObserved(cpu)) lockRelease(cpu, KIND, at, 0, 0);
  const me = currentTask(cpu);
  // Edge R: publishes the critical section to takeFree and tryToTake.
  const seen = cpu.memory.compareExchange(at + RtMutex.owner, me, 0);
  if (seen !== me) unlockSlow(cpu, at, me, seen);
}

/** Linux: rt_mutex_base_is_locked(). The answer may be old by the time it arrives. Any context. */
export function rtMutexIsLocked(cpu: Cpu, at: Ptr): boolean {
  return ownerOf(cpu.memory, at) !== 0;
}

/** The fast path. */
function takeFree(cpu: Cpu, at: Ptr): boolean {
  // Edge R: what the last holder wrote is visible.
  return cpu.memory.compareExchange(at + RtMutex.owner, 0, currentTask(cpu)) === 0;
}

function lockForSure(cpu: Cpu, at: Ptr, flags: number, site: number, nest: Ptr): Sleeps<void> {
  return !isObserved(cpu) && takeFree(cpu, at)
    ? ALREADY_DONE
    : waitForSure(cpu, at, flags, site, nest);
}

function* waitForSure(cpu: Cpu, at: Ptr, flags: number, site: number, nest: Ptr): Sleeps<void> {
  const result = yield* lockOrFail(cpu, at, PATIENT, flags, site, nest);
  // In Linux the task sleeps for ever after the warning.
  if (result === Errno.EDEADLK) bug(cpu, `rtmutex deadlock detected, lock: ${hex(at)}`);
}

function lockOrFail(
  cpu: Cpu,
  at: Ptr,
  patience: Patience,
  flags: number,
  site: number,
  nest: Ptr,
): Sleeps<number> {
  if (isObserved(cpu)) return observedLock(cpu, at, patience, flags, site, nest);
  return takeFree(cpu, at) ? ALREADY_TAKEN : sleepFor(cpu, at, patience);
}

function* observedLock(
  cpu: Cpu,
  at: Ptr,
  patience: Patience,
  flags: number,
  site: number,
  nest: Ptr,
): Sleeps<number> {
  lockAcquire(cpu, KIND, at, flags, site, nest);
  let result = 0;
  if (!takeFree(cpu, at)) {
    lockContended(cpu, KIND, at, site);
    result = yield* sleepFor(cpu, at, patience);
  }
  if (result === 0) lockAcquired(cpu, KIND, at, site);
  else lockAbandoned(cpu, KIND, at, site);
  return result;
}

function* sleepFor(cpu: Cpu, at: Ptr, patience: Patience): Sleeps<number> {
  mightSleep(cpu);
  return yield* lockSlow(cpu, at, patience);
}
