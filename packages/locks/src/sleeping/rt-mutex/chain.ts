/**
 * Priority inheritance. Who waits for a lock lends its priority to the owner, and if that one waits for a lock in
 * its turn, the owner of that has it too, and so on along the chain:
 *
 *   H ──waits for──▶ lock 2 ──held by──▶ M ──waits for──▶ lock 1 ──held by──▶ L
 *
 * A walk holds two locks at most: a task's piLock and the wait lock of the lock that the task waits for. They are
 * taken in the order wait lock, piLock everywhere else; here, where the piLock comes first, the wait lock is only tried
 * for, and if that fails the step begins anew. Between two steps nothing is held and the chain may change: then
 * whoever changed it has done the rest of the walk, or will.
 *
 * Algorithm: Linux kernel/locking/rtmutex.c, rt_mutex_adjust_prio_chain(), whose numbers of the steps are these.
 */
import {
  DEFAULT_PRIO,
  Errno,
  printk,
  putTaskStruct,
  rawSpinLock,
  rawSpinUnlock,
  readString,
  rtMutexSetprio,
  Task,
  TASK_NORMAL,
  taskPrio,
  tryGetTaskStruct,
  wakeUpState,
} from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { spinWhileHeld, waitLock } from '../wait-lock.ts';
import { ownerOf, RtMutex } from './layout.ts';
import {
  dequeue,
  dequeuePi,
  enqueue,
  enqueuePi,
  lentPrio,
  RtMutexWaiter,
  topPiWaiter,
  topWaiter,
  waiterPrio,
} from './waiter.ts';

/** Linux: max_lock_depth. Locks of a chain after which a walk gives up. */
const MAX_LOCK_DEPTH = 1024;

/** Where a walk began. */
export interface Walk {
  /** The lock whose waiters changed. */
  readonly lock: Ptr;
  /** The waiter that came; 0: one went. */
  readonly waiter: Ptr;
  /** Who walks: the running task. */
  readonly by: Ptr;
}

/** Linux: rt_mutex_adjust_prio(). The task has its own priority, or that of its best waiter. Under its piLock. */
export function adjustPrio(cpu: Cpu, task: Ptr): void {
  const top = topPiWaiter(cpu.memory, task);
  rtMutexSetprio(cpu, task, top === 0 ? DEFAULT_PRIO : lentPrio(cpu.memory, top));
}

/** Linux: task_blocked_on_lock(). The lock that the task waits for, or 0. Under its piLock. */
export function blockedOn(cpu: Cpu, task: Ptr): Ptr {
  const waiter = cpu.memory.read(task + Task.piBlockedOn);
  return waiter === 0 ? 0 : cpu.memory.read(waiter + RtMutexWaiter.lock);
}

/**
 * Linux: rt_mutex_adjust_prio_chain(), always to the end of the chain (RT_MUTEX_FULL_CHAINWALK), so that a deadlock is
 * found by the one whose wait closes the circle. `task` waited for `next` when the caller looked; the caller has a
 * reference to it, which is given back here. No lock held. Returns 0, or -EDEADLK.
 */
export function adjustPrioChain(cpu: Cpu, task: Ptr, next: Ptr, walk: Walk): number {
  let step: Step | number = { task, next };
  for (let depth = 1; typeof step !== 'number'; depth++) {
    if (depth > MAX_LOCK_DEPTH) {
      printk(
        cpu,
        'warning',
        `Maximum lock depth ${MAX_LOCK_DEPTH} reached ${nameOf(cpu, walk.by)}`,
      );
      return leave(cpu, step.task, Errno.EDEADLK);
    }
    step = walkStep(cpu, step, walk);
  }
  return step;
}

function nameOf({ memory }: Cpu, task: Ptr): string {
  return `task: ${readString(memory, task + Task.name)} (${memory.read(task + Task.pid)})`;
}

/** What one step hands to the next. */
interface Step {
  /** With a reference. */
  readonly task: Ptr;
  /** What the task waited for. */
  readonly next: Ptr;
}

function walkStep(cpu: Cpu, { task, next }: Step, walk: Walk): Step | number {
  const { memory } = cpu;
  const lock = takeBoth(cpu, task, next, walk);
  if (lock === 0) return leave(cpu, task, 0);
  const waiter = memory.read(task + Task.piBlockedOn);
  // [6] The lock that we began with, or one that we hold: our wait closes a circle.
  if (lock === walk.lock || ownerOf(memory, lock) === walk.by) {
    waitLock.unlock(cpu, lock + RtMutex.lock);
    rawSpinUnlock(cpu, task + Task.piLock);
    return leave(cpu, task, walk.waiter === 0 ? 0 : Errno.EDEADLK);
  }
  const waiters = lock + RtMutex.waiters;
  const before = topWaiter(memory, waiters);
  const prio = taskPrio(cpu, task);
  const moves = waiterPrio(memory, waiter) !== prio;
  if (moves) {
    // [7]
    dequeue(memory, waiters, waiter);
    enqueue(memory, waiters, waiter, prio);
  }
  // [8]
  rawSpinUnlock(cpu, task + Task.piLock);
  putTaskStruct(cpu, task);
  const owner = ownerOf(memory, lock);
  const top = topWaiter(memory, waiters);
  // [10]
  if (owner === 0 || !tryGetTaskStruct(cpu, owner)) {
    // [9] It has been let go, and the best waiter is told: that may be another one now.
    if (top !== before) wakeWaiter(cpu, top);
    waitLock.unlock(cpu, lock + RtMutex.lock);
    return 0;
  }
  rawSpinLock(cpu, owner + Task.piLock);
  if (moves && (waiter === top || waiter === before)) {
    // [11]
    dequeuePi(memory, owner, before);
    enqueuePi(memory, owner, top);
    adjustPrio(cpu, owner);
  }
  // [12]
  const beyond = blockedOn(cpu, owner);
  // [13]
  rawSpinUnlock(cpu, owner + Task.piLock);
  waitLock.unlock(cpu, lock + RtMutex.lock);
  return beyond === 0 ? leave(cpu, owner, 0) : { task: owner, next: beyond };
}

/** [1]–[5]. The lock that the task waits for, with its wait lock and the task's piLock held; 0: the chain has changed, and nothing is held. */
function takeBoth(cpu: Cpu, task: Ptr, next: Ptr, walk: Walk): Ptr {
  const { memory } = cpu;
  for (;;) {
    rawSpinLock(cpu, task + Task.piLock);
    const lock = blockedOn(cpu, task);
    const changed = lock !== next || (walk.waiter !== 0 && ownerOf(memory, walk.lock) === 0);
    if (!changed && waitLock.trylock(cpu, lock + RtMutex.lock)) return lock;
    rawSpinUnlock(cpu, task + Task.piLock);
    if (changed) return 0;
    spinWhileHeld(cpu, next + RtMutex.lock);
    cpu.relax();
  }
}

/** The waiter looks at its lock again. Under the wait lock, which it needs to go on: so its task is still there. */
export function wakeWaiter(cpu: Cpu, waiter: Ptr): void {
  wakeUpState(cpu, cpu.memory.read(waiter + RtMutexWaiter.task), TASK_NORMAL);
}

/** The walk ends. */
function leave(cpu: Cpu, task: Ptr, result: number): number {
  putTaskStruct(cpu, task);
  return result;
}
