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
 * Those who come meanwhile keep a busy lock busy: waking a task takes some 5 µs, in which the lock would
 * stand idle. A waiter that wakes in vain sets HANDOFF, so it is overtaken at most until the next unlock.
 */
import { bug, currentTask, mightSleep, schedule, setCurrentState } from '@percpu/machine';
import { Task, TASK_NORMAL, TaskState, wakeUpState } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { hex, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import {
  isObserved,
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
import { ALREADY_DONE } from './already-done.ts';
import { listAddTail, listDel, listFirst, ListHead } from '../list.ts';
import { subclassFlags } from '../lock-flags.ts';
import { freeWaitEntry, takeWaitEntry, WaitEntry } from './wait-entry.ts';
import { WaitLock, waitLock } from './wait-lock.ts';

const fields = {
  /** Atomic. The flags change under `lock` only, and so does the task while a flag is set. */
  owner: 'u32',
  lock: WaitLock,
  /** Of WaitEntry, in order of arrival. Under `lock`. */
  waiters: ListHead,
  /** Of the debug mode. */
  magic: 'u32',
} as const;

/** Linux: struct mutex. All words 0 is a free mutex. */
export const Mutex: Layout<'owner' | 'lock' | 'waiters' | 'magic'> = layout(fields, {
  name: 'Mutex',
});

const WAITERS = 1;
const HANDOFF = 2;
const FLAGS = 7;
if (Task.align <= FLAGS)
  throw new RangeError(`Task.align is ${Task.align}: no room for the flags of a mutex`);

const KIND: LockKind = lockKind({
  name: 'mutex',
  family: 'mutex',
  layout: Mutex,
  owner: 'task',
  sleeps: true,
});

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
  if (isObserved(cpu)) return observedLock(cpu, at, 0, site, 0);
  return takeFree(cpu, at) ? ALREADY_DONE : lockSlow(cpu, at);
}

/** Linux: mutex_lock_nested(). As `mutexLock`, where the caller holds mutexes of the same class on lower levels; `subclass` 0–7. */
export function mutexLockNested(cpu: Cpu, at: Ptr, subclass: number, site = 0): Sleeps<void> {
  if (isObserved(cpu)) return observedLock(cpu, at, subclassFlags(cpu, subclass), site, 0);
  return takeFree(cpu, at) ? ALREADY_DONE : lockSlow(cpu, at);
}

/** Linux: mutex_lock_nest_lock(). As `mutexLock`, where the caller holds `nest`, without which nobody takes several of this class. */
export function mutexLockNestLock(cpu: Cpu, at: Ptr, nest: Ptr, site = 0): Sleeps<void> {
  if (isObserved(cpu)) return observedLock(cpu, at, 0, site, nest);
  return takeFree(cpu, at) ? ALREADY_DONE : lockSlow(cpu, at);
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

function* observedLock(cpu: Cpu, at: Ptr, flags: number, site: number, nest: Ptr): Sleeps<void> {
  lockAcquire(cpu, KIND, at, flags, site, nest);
  if (!takeFree(cpu, at)) {
    lockContended(cpu, KIND, at, site);
    yield* lockSlow(cpu, at);
  }
  lockAcquired(cpu, KIND, at, site);
}

/** The fast path. */
function takeFree(cpu: Cpu, at: Ptr): boolean {
  // Edge M: what the last holder wrote is visible.
  return cpu.memory.compareExchange(at + Mutex.owner, 0, currentTask(cpu)) === 0;
}

/** Takes the lock if nobody has it, whoever may be waiting. */
function takeUnowned(cpu: Cpu, at: Ptr, me: Ptr): boolean {
  const { memory } = cpu;
  const seen = memory.load(at + Mutex.owner);
  if (taskOf(seen) !== 0) return false;
  // Edge M. If it fails, somebody else was faster.
  return memory.compareExchange(at + Mutex.owner, seen, (seen | me) >>> 0) === seen;
}

function* lockSlow(cpu: Cpu, at: Ptr): Sleeps<void> {
  mightSleep(cpu);
  const { memory } = cpu;
  const me = currentTask(cpu);
  waitLock.lock(cpu, at + Mutex.lock);
  if (taskOf(memory.load(at + Mutex.owner)) === me) {
    bug(cpu, `mutex recursion: the task holds it already, lock: ${hex(at)}`);
  }
  if (takeUnowned(cpu, at, me)) {
    waitLock.unlock(cpu, at + Mutex.lock);
    return;
  }
  const entry = takeWaitEntry(cpu, 0);
  listAddTail(memory, at + Mutex.waiters, entry);
  memory.fetchOr(at + Mutex.owner, WAITERS);
  let woken = false;
  for (;;) {
    // S1 of task-layout.ts. What we look at next changes before the wake-up.
    setCurrentState(cpu, TaskState.uninterruptible);
    if (isOurs(cpu, at, me) || takeUnowned(cpu, at, me)) break;
    if (woken && taskOf(memory.fetchOr(at + Mutex.owner, HANDOFF)) === 0) continue;
    waitLock.unlock(cpu, at + Mutex.lock);
    yield* schedule(cpu, at);
    woken = true;
    waitLock.lock(cpu, at + Mutex.lock);
  }
  setCurrentState(cpu, TaskState.running);
  listDel(memory, at + Mutex.waiters, entry);
  const others = listFirst(memory, at + Mutex.waiters) !== 0;
  memory.store(at + Mutex.owner, others ? me | WAITERS : me);
  waitLock.unlock(cpu, at + Mutex.lock);
  freeWaitEntry(cpu, entry);
}

/** Handed over: the unlock made us the owner while we slept. */
function isOurs(cpu: Cpu, at: Ptr, me: Ptr): boolean {
  return taskOf(cpu.memory.load(at + Mutex.owner)) === me;
}

function unlockSlow(cpu: Cpu, at: Ptr, me: Ptr, seen: number): void {
  if (taskOf(seen) !== me) {
    const holder = taskOf(seen) === 0 ? 'nobody' : `the task at ${hex(taskOf(seen))}`;
    bug(cpu, `mutex released by the task at ${hex(me)}, held by ${holder}, lock: ${hex(at)}`);
  }
  const { memory } = cpu;
  waitLock.lock(cpu, at + Mutex.lock);
  const flags = memory.load(at + Mutex.owner) & FLAGS;
  const task = memory.read(listFirst(memory, at + Mutex.waiters) + WaitEntry.task);
  // Edge M. Nobody else writes the word now: it is ours, and the flags are guarded by the lock.
  memory.store(at + Mutex.owner, (flags & HANDOFF) !== 0 ? task | WAITERS : WAITERS);
  // Under the lock, which the waiter needs to go on: so the task is still there.
  wakeUpState(cpu, task, TASK_NORMAL);
  waitLock.unlock(cpu, at + Mutex.lock);
}

function taskOf(owner: number): Ptr {
  return (owner & ~FLAGS) >>> 0;
}
