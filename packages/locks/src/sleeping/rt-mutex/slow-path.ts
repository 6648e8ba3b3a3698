/**
 * What an rt-mutex does when somebody waits for it.
 *
 *   take       under the wait lock, by the best waiter, or by one that comes and is better than that
 *   wait       in the list; the owner, and all along the chain, get the waiter's priority
 *   give up    out of the list; all that got the priority have theirs back
 *   unlock     the owner has its own priority back, the best waiter is woken and takes the lock, unless a better one comes first
 *
 * Algorithm: Linux kernel/locking/rtmutex.c.
 */
import {
  bug,
  currentTask,
  Errno,
  putTaskStruct,
  rawSpinLock,
  rawSpinUnlock,
  schedule,
  scheduleTimeout,
  setCurrentState,
  signalPendingState,
  Task,
  taskPrio,
  TaskState,
  tryGetTaskStruct,
} from '@percpu/machine';
import type { Cpu, Sleeps, TaskStateCode } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import { waitLock } from '../wait-lock.ts';
import { adjustPrio, adjustPrioChain, blockedOn, wakeWaiter } from './chain.ts';
import type { Walk } from './chain.ts';
import { ownerOf, RtMutex, WAITERS } from './layout.ts';
import {
  dequeue,
  dequeuePi,
  enqueue,
  enqueuePi,
  rtMutexWaiters,
  RtMutexWaiter,
  topWaiter,
  waiterPrio,
} from './waiter.ts';

/** How somebody waits. */
export interface Patience {
  readonly state: TaskStateCode;
  /** On the clock of `cpu.now()`. */
  readonly deadline: number;
}

/** The decisions of the slow path, each by itself: explorations show what becomes of it when one is wrong. */
export interface RtMutexSteps {
  /** Where a waiter goes among the others. */
  readonly enqueue: (memory: Memory, waiters: Ptr, waiter: Ptr, prio: number) => void;
  /** May a task of this priority take a free lock that `top` waits for? */
  readonly overtakes: (memory: Memory, prio: number, top: Ptr) => boolean;
  /** The owner's priority: a waiter came, a waiter gave up, the lock is given back. Under its piLock. */
  readonly lend: (cpu: Cpu, owner: Ptr) => void;
  readonly restore: (cpu: Cpu, owner: Ptr) => void;
  readonly giveBack: (cpu: Cpu, owner: Ptr) => void;
  /** The chain beyond the owner. */
  readonly walk: (cpu: Cpu, owner: Ptr, next: Ptr, walk: Walk) => number;
}

export const RT_MUTEX_STEPS: RtMutexSteps = Object.freeze<RtMutexSteps>({
  enqueue,
  // Linux: rt_mutex_steal(), which lets equals overtake only for its spin locks.
  overtakes: (memory, prio, top) => prio < waiterPrio(memory, top),
  lend: adjustPrio,
  restore: adjustPrio,
  giveBack: adjustPrio,
  walk: adjustPrioChain,
});

/** Linux: rt_mutex_slowlock(). Returns 0, -EDEADLK, -EINTR or -ETIMEDOUT. Task context. */
export function* lockSlow(
  cpu: Cpu,
  at: Ptr,
  { state, deadline }: Patience,
  steps: RtMutexSteps = RT_MUTEX_STEPS,
): Sleeps<number> {
  const { memory } = cpu;
  const me = currentTask(cpu);
  const free = cpu.use(rtMutexWaiters);
  const waiter = free.take(cpu);
  waitLock.lock(cpu, at + RtMutex.lock);
  let taken = tryToTake(cpu, at, me, 0, steps);
  let result = 0;
  if (!taken) {
    setCurrentState(cpu, state);
    result = blockOn(cpu, at, me, waiter, steps);
    while (result === 0) {
      taken = tryToTake(cpu, at, me, waiter, steps);
      if (taken) break;
      if (signalPendingState(cpu, state)) result = Errno.EINTR;
      else if (deadline !== Infinity && cpu.now() >= deadline) result = Errno.ETIMEDOUT;
      else {
        waitLock.unlock(cpu, at + RtMutex.lock);
        if (deadline === Infinity) yield* schedule(cpu, at);
        else yield* scheduleTimeout(cpu, Math.max(0, deadline - cpu.now()));
        waitLock.lock(cpu, at + RtMutex.lock);
        // S1 of task-layout.ts. What tryToTake looks at next changes before the wake-up.
        setCurrentState(cpu, state);
      }
    }
    setCurrentState(cpu, TaskState.running);
  }
  if (!taken) {
    if (memory.read(me + Task.piBlockedOn) === waiter) giveUp(cpu, at, me, waiter, steps);
    settle(memory, at);
  }
  waitLock.unlock(cpu, at + RtMutex.lock);
  free.give(waiter);
  return result;
}

/** Linux: rt_mutex_slowtrylock(). */
export function trylockSlow(cpu: Cpu, at: Ptr, steps: RtMutexSteps = RT_MUTEX_STEPS): boolean {
  waitLock.lock(cpu, at + RtMutex.lock);
  const taken = tryToTake(cpu, at, currentTask(cpu), 0, steps);
  if (!taken) settle(cpu.memory, at);
  waitLock.unlock(cpu, at + RtMutex.lock);
  return taken;
}

/** Linux: try_to_take_rt_mutex(). `waiter`: that of `me`, or 0. Under the wait lock. */
function tryToTake(cpu: Cpu, at: Ptr, me: Ptr, waiter: Ptr, steps: RtMutexSteps): boolean {
  const { memory } = cpu;
  const waiters = at + RtMutex.waiters;
  // Turns the fast paths off before we look: the owner has to come here to let go, or has let go. Linux: mark_rt_mutex_waiters().
  memory.fetchOr(at + RtMutex.owner, WAITERS);
  if (ownerOf(memory, at) !== 0) return false;
  const top = topWaiter(memory, waiters);
  if (top !== waiter && !(waiter === 0 && steps.overtakes(memory, taskPrio(cpu, me), top)))
    return false;
  if (waiter !== 0) dequeue(memory, waiters, waiter);
  rawSpinLock(cpu, me + Task.piLock);
  memory.write(me + Task.piBlockedOn, 0);
  const next = topWaiter(memory, waiters);
  // It is no better than we are: our priority stays.
  if (next !== 0) enqueuePi(memory, me, next);
  rawSpinUnlock(cpu, me + Task.piLock);
  // Edge R: pairs with the stores of the unlock. The word was WAITERS, which nobody changes without the wait lock.
  memory.store(at + RtMutex.owner, next === 0 ? me : (me | WAITERS) >>> 0);
  return true;
}

/** Linux: task_blocks_on_rt_mutex(). Under the wait lock, which it may let go meanwhile. */
function blockOn(cpu: Cpu, at: Ptr, me: Ptr, waiter: Ptr, steps: RtMutexSteps): number {
  const { memory } = cpu;
  const waiters = at + RtMutex.waiters;
  const owner = ownerOf(memory, at);
  if (owner === me) return Errno.EDEADLK;
  memory.write(waiter + RtMutexWaiter.task, me);
  memory.write(waiter + RtMutexWaiter.lock, at);
  rawSpinLock(cpu, me + Task.piLock);
  const before = topWaiter(memory, waiters);
  steps.enqueue(memory, waiters, waiter, taskPrio(cpu, me));
  memory.write(me + Task.piBlockedOn, waiter);
  rawSpinUnlock(cpu, me + Task.piLock);
  if (owner === 0 || !tryGetTaskStruct(cpu, owner)) return 0;
  rawSpinLock(cpu, owner + Task.piLock);
  if (topWaiter(memory, waiters) === waiter) {
    if (before !== 0) dequeuePi(memory, owner, before);
    enqueuePi(memory, owner, waiter);
    steps.lend(cpu, owner);
  }
  return walkOn(cpu, at, owner, { lock: at, waiter, by: me }, steps);
}

/** Linux: remove_waiter(). Under the wait lock, which it may let go meanwhile. */
function giveUp(cpu: Cpu, at: Ptr, me: Ptr, waiter: Ptr, steps: RtMutexSteps): void {
  const { memory } = cpu;
  const waiters = at + RtMutex.waiters;
  const wasTop = topWaiter(memory, waiters) === waiter;
  rawSpinLock(cpu, me + Task.piLock);
  dequeue(memory, waiters, waiter);
  memory.write(me + Task.piBlockedOn, 0);
  rawSpinUnlock(cpu, me + Task.piLock);
  if (!wasTop) return;
  const next = topWaiter(memory, waiters);
  const owner = ownerOf(memory, at);
  if (owner === 0 || !tryGetTaskStruct(cpu, owner)) {
    // The unlock woke us, and we do not want it any more.
    if (next !== 0) wakeWaiter(cpu, next);
    return;
  }
  rawSpinLock(cpu, owner + Task.piLock);
  dequeuePi(memory, owner, waiter);
  if (next !== 0) enqueuePi(memory, owner, next);
  steps.restore(cpu, owner);
  walkOn(cpu, at, owner, { lock: at, waiter: 0, by: me }, steps);
}

/** Goes on to the lock that the owner waits for. With a reference to it and its piLock, and under the wait lock; the former two are given back. */
function walkOn(cpu: Cpu, at: Ptr, owner: Ptr, walk: Walk, steps: RtMutexSteps): number {
  const next = blockedOn(cpu, owner);
  rawSpinUnlock(cpu, owner + Task.piLock);
  if (next === 0) {
    putTaskStruct(cpu, owner);
    return 0;
  }
  waitLock.unlock(cpu, at + RtMutex.lock);
  const result = steps.walk(cpu, owner, next, walk);
  waitLock.lock(cpu, at + RtMutex.lock);
  return result;
}

/** Linux: fixup_rt_mutex_waiters(). Nobody waits: the fast paths are on again. Under the wait lock. */
function settle(memory: Memory, at: Ptr): void {
  if (topWaiter(memory, at + RtMutex.waiters) === 0)
    memory.fetchAnd(at + RtMutex.owner, ~WAITERS >>> 0);
}

/** Linux: rt_mutex_slowunlock(). `seen`: the owner word, which is not `me`. */
export function unlockSlow(
  cpu: Cpu,
  at: Ptr,
  me: Ptr,
  seen: number,
  steps: RtMutexSteps = RT_MUTEX_STEPS,
): void {
  const { memory } = cpu;
  const holder = (seen & ~WAITERS) >>> 0;
  if (holder !== me) {
    const who = holder === 0 ? 'nobody' : `the task at ${hex(holder)}`;
    bug(cpu, `rtmutex released by the task at ${hex(me)}, held by ${who}, lock: ${hex(at)}`);
  }
  for (;;) {
    waitLock.lock(cpu, at + RtMutex.lock);
    const top = topWaiter(memory, at + RtMutex.waiters);
    if (top !== 0) {
      letGo(cpu, at, me, top, steps);
      waitLock.unlock(cpu, at + RtMutex.lock);
      return;
    }
    // Nobody waits any more. Let go only after the wait lock: whoever has the lock then may free its memory. Linux: unlock_rt_mutex_safe().
    memory.store(at + RtMutex.owner, me);
    waitLock.unlock(cpu, at + RtMutex.lock);
    // Edge R.
    if (memory.compareExchange(at + RtMutex.owner, me, 0) === me) return;
    cpu.relax();
  }
}

/** Linux: mark_wakeup_next_waiter(). Under the wait lock, so that nobody preempts us between having our own priority again and the wake-up. */
function letGo(cpu: Cpu, at: Ptr, me: Ptr, top: Ptr, steps: RtMutexSteps): void {
  const { memory } = cpu;
  rawSpinLock(cpu, me + Task.piLock);
  dequeuePi(memory, me, top);
  steps.giveBack(cpu, me);
  rawSpinUnlock(cpu, me + Task.piLock);
  // Edge R: publishes the critical section.
  memory.store(at + RtMutex.owner, WAITERS);
  wakeWaiter(cpu, top);
}
