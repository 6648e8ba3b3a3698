/**
 * Mutex: a lock whose waiters sleep, and whose holder may.
 *
 *   owner   task that holds it, 0 = nobody     the low bits, free because task structs are aligned:
 *           | WAITERS   the list is not empty: the unlock has to look there
 *           | HANDOFF   the first waiter was overtaken: the unlock gives the lock to it, to nobody else
 *
 *   0 ◀──▶ task                        one compare-exchange each: the fast paths
 *   task|WAITERS ──▶ WAITERS           unlock, wakes the first; anybody may take the lock meanwhile
 *   task|WAITERS|HANDOFF ──▶ first|…   unlock, nobody may
 *
 * Who finds it held spins while its owner runs, in a queue (osq-lock.ts) of which the head looks at the lock; who gives
 * that up sleeps in the list. So there are always those that come in front of the list, and they keep a busy lock
 * busy: waking a task takes some 5 µs, in which the lock would stand idle. A first waiter that wakes in vain sets
 * HANDOFF, so it is overtaken at most until the next unlock.
 */
import { bug, currentTask, TASK_NORMAL, TaskState, wakeUpState } from '@percpu/machine';
import type { Cpu, Sleeps, TaskStateCode } from '@percpu/machine';
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
} from '../debug/index.ts';
import type { LockKind } from '../debug/index.ts';
import { listFirst } from '../list.ts';
import { subclassFlags } from '../lock-flags.ts';
import { ALREADY_DONE, ALREADY_TAKEN } from './already-done.ts';
import { FLAGS, HANDOFF, Mutex, takeUnowned, taskOf, WAITERS } from './mutex-layout.ts';
import { mutexLockSlow } from './mutex-slow.ts';
import { WaitEntry } from './wait-entry.ts';
import { waitLock } from './wait-lock.ts';

export { Mutex } from './mutex-layout.ts';

const KIND: LockKind = lockKind({
  name: 'mutex',
  family: 'mutex',
  layout: Mutex,
  owner: 'task',
  sleeps: true,
});

const { uninterruptible, interruptible, killable } = TaskState;

/** Linux: mutex_init(). Nobody holds or awaits it. */
export function mutexInit(cpu: Cpu, at: Ptr): void {
  for (let offset = 0; offset < Mutex.size; offset += 4) cpu.memory.store(at + offset, 0);
  cpu.memory.describe(at, Mutex);
  if (isObserved(cpu)) lockInit(cpu, KIND, at);
}

/** Linux: mutex_destroy(). It is no mutex any more; BUG in debug mode when somebody holds or awaits it, or uses it afterwards. */
export function mutexDestroy(cpu: Cpu, at: Ptr): void {
  if (isObserved(cpu)) lockDestroy(cpu, KIND, at, mutexIsLocked(cpu, at));
}

/** Linux: mutex_lock(). Sleeps until the lock is ours. Task context; a plain caller uses `cpu.block`. `site`: see SpinLockType. */
export function mutexLock(cpu: Cpu, at: Ptr, site = 0): Sleeps<void> {
  if (isObserved(cpu)) return surely(observedLock(cpu, at, uninterruptible, 0, site, 0));
  return takeFree(cpu, at) ? ALREADY_DONE : surely(mutexLockSlow(cpu, at, uninterruptible));
}

/** Linux: mutex_lock_nested(). As `mutexLock`, where the caller holds mutexes of the same class on lower levels; `subclass` 0–7. */
export function mutexLockNested(cpu: Cpu, at: Ptr, subclass: number, site = 0): Sleeps<void> {
  if (!isObserved(cpu)) return mutexLock(cpu, at);
  return surely(observedLock(cpu, at, uninterruptible, subclassFlags(cpu, subclass), site, 0));
}

/** Linux: mutex_lock_nest_lock(). As `mutexLock`, where the caller holds `nest`, without which nobody takes several of this class. */
export function mutexLockNestLock(cpu: Cpu, at: Ptr, nest: Ptr, site = 0): Sleeps<void> {
  if (!isObserved(cpu)) return mutexLock(cpu, at);
  return surely(observedLock(cpu, at, uninterruptible, 0, site, nest));
}

/**
 * Linux: mutex_lock_interruptible(), mutex_lock_interruptible_nested(). As `mutexLock`, but a signal ends the wait. Returns
 * 0, or -EINTR: the lock is not ours.
 */
export function mutexLockInterruptible(cpu: Cpu, at: Ptr, subclass = 0, site = 0): Sleeps<number> {
  return lockOrFail(cpu, at, interruptible, subclass, site);
}

/** Linux: mutex_lock_killable(), mutex_lock_killable_nested(). As `mutexLockInterruptible`, for fatal signals. */
export function mutexLockKillable(cpu: Cpu, at: Ptr, subclass = 0, site = 0): Sleeps<number> {
  return lockOrFail(cpu, at, killable, subclass, site);
}

/** Linux: mutex_trylock(). True: it is ours. Task context, but never sleeps. */
export function mutexTrylock(cpu: Cpu, at: Ptr, site = 0): boolean {
  if (cpu.inInterrupt())
    bug(cpu, `mutexTrylock in an interrupt, lock: ${hex(at)}: a mutex belongs to a task`);
  if (!takeUnowned(cpu, at, currentTask(cpu))) return false;
  if (isObserved(cpu)) lockTried(cpu, KIND, at, 0, site);
  return true;
}

/** Linux: mutex_unlock(). By the task that holds it. Task context, never sleeps. */
export function mutexUnlock(cpu: Cpu, at: Ptr): void {
  if (isObserved(cpu)) lockRelease(cpu, KIND, at, 0, 0);
  const me = currentTask(cpu);
  // Edge M: publishes the critical section to takeUnowned.
  const seen = cpu.memory.compareExchange(at + Mutex.owner, me, 0);
  if (seen !== me) unlockSlow(cpu, at, me, seen);
}

/** Linux: mutex_is_locked(). The answer may be old by the time it arrives. Any context. */
export function mutexIsLocked(cpu: Cpu, at: Ptr): boolean {
  return taskOf(cpu.memory.load(at + Mutex.owner)) !== 0;
}

/** Of a wait that no signal ends. */
function* surely(wait: Sleeps<number>): Sleeps<void> {
  yield* wait;
}

function lockOrFail(
  cpu: Cpu,
  at: Ptr,
  state: TaskStateCode,
  subclass: number,
  site: number,
): Sleeps<number> {
  if (isObserved(cpu)) return observedLock(cpu, at, state, subclassFlags(cpu, subclass), site, 0);
  return takeFree(cpu, at) ? ALREADY_TAKEN : mutexLockSlow(cpu, at, state);
}

function* observedLock(
  cpu: Cpu,
  at: Ptr,
  state: TaskStateCode,
  flags: number,
  site: number,
  nest: Ptr,
): Sleeps<number> {
  lockAcquire(cpu, KIND, at, flags, site, nest);
  let result = 0;
  if (!takeFree(cpu, at)) {
    lockContended(cpu, KIND, at, site);
    result = yield* mutexLockSlow(cpu, at, state);
  }
  if (result === 0) lockAcquired(cpu, KIND, at, site);
  else lockAbandoned(cpu, KIND, at, site);
  return result;
}

/** The fast path. */
function takeFree(cpu: Cpu, at: Ptr): boolean {
  // Edge M: what the last holder wrote is visible.
  return cpu.memory.compareExchange(at + Mutex.owner, 0, currentTask(cpu)) === 0;
}

/** Linux: __mutex_unlock_slowpath(). */
function unlockSlow(cpu: Cpu, at: Ptr, me: Ptr, found: number): void {
  const { memory } = cpu;
  let seen = found;
  if (taskOf(seen) !== me) {
    const holder = taskOf(seen) === 0 ? 'nobody' : `the task at ${hex(taskOf(seen))}`;
    bug(cpu, `mutex released by the task at ${hex(me)}, held by ${holder}, lock: ${hex(at)}`);
  }
  // Released before the list is looked at: those that spin go on at once. A waiter that joins later finds the lock free.
  while ((seen & HANDOFF) === 0) {
    // Edge M.
    const now = memory.compareExchange(at + Mutex.owner, seen, (seen & FLAGS) >>> 0);
    if (now === seen) break;
    seen = now;
  }
  if ((seen & (WAITERS | HANDOFF)) === 0) return;
  waitLock.lock(cpu, at + Mutex.lock);
  const first = listFirst(memory, at + Mutex.waiters);
  const task = first === 0 ? 0 : memory.read(first + WaitEntry.task);
  // Edge M. Still ours, so nobody else writes the word: the flags are guarded by the lock. Those that asked may have left.
  if ((seen & HANDOFF) !== 0) memory.store(at + Mutex.owner, task === 0 ? 0 : task | WAITERS);
  // Under the lock, which the waiter needs to go on: so the task is still there.
  if (task !== 0) wakeUpState(cpu, task, TASK_NORMAL);
  waitLock.unlock(cpu, at + Mutex.lock);
}
