/** What a ww_mutex does when somebody waits for it. */
import {
  bug,
  currentTask,
  Errno,
  schedule,
  setCurrentState,
  signalPendingState,
  TASK_NORMAL,
  TaskState,
  wakeUpState,
} from '@percpu/machine';
import type { Cpu, Sleeps, Subsystem, TaskStateCode } from '@percpu/machine';
import { hex, memblockAlloc } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { listDel, listFirst } from '../../list.ts';
import { waitLock } from '../wait-lock.ts';
import { ownerOf, WAITERS, WwAcquireCtx, WwMutex, WwWaiter } from './layout.ts';
import { addWaiter, checkKill, checkWaiters, WW_STEPS } from './rules.ts';
import type { WwSteps } from './rules.ts';

/** Waiters of one CPU that no task uses now. */
export class FreeWwWaiters {
  private readonly free: Ptr[] = [];

  take({ memory }: Cpu): Ptr {
    const kept = this.free.pop();
    if (kept !== undefined) return kept;
    const waiter = memblockAlloc(memory, WwWaiter.size, WwWaiter.align);
    memory.describe(waiter, WwWaiter);
    return waiter;
  }

  give(waiter: Ptr): void {
    this.free.push(waiter);
  }
}

export const wwWaiters: Subsystem<FreeWwWaiters> = {
  name: 'ww_mutex waiters',
  create: () => 0,
  attach: () => new FreeWwWaiters(),
};

/** The fast path. */
export function takeFree(cpu: Cpu, at: Ptr, ctx: Ptr, steps: WwSteps = WW_STEPS): boolean {
  // Edge W: what the last holder wrote is visible.
  if (cpu.memory.compareExchange(at + WwMutex.owner, 0, currentTask(cpu)) !== 0) return false;
  if (ctx === 0) return true;
  setContext(cpu, at, ctx);
  if (!steps.mayHaveWaiters(cpu.memory, at)) return true;
  // Who came before we had said whose the lock is has neither waited for us nor wounded us.
  waitLock.lock(cpu, at + WwMutex.lock);
  checkWaiters(cpu, at, ctx, steps);
  waitLock.unlock(cpu, at + WwMutex.lock);
  return true;
}

/** Linux: ww_mutex_lock_acquired(). */
function setContext({ memory }: Cpu, at: Ptr, ctx: Ptr): void {
  const { acquired } = WwAcquireCtx;
  memory.store(ctx + acquired, memory.load(ctx + acquired) + 1);
  // Edge C: pairs with the load in wound. Either that sees our context, or we see WAITERS.
  memory.store(at + WwMutex.ctx, ctx);
}

/** Linux: __ww_mutex_lock(). Returns 0, -EDEADLK or -EINTR. Task context. */
export function* lockSlow(
  cpu: Cpu,
  at: Ptr,
  ctx: Ptr,
  state: TaskStateCode,
  steps: WwSteps = WW_STEPS,
): Sleeps<number> {
  const { memory } = cpu;
  const me = currentTask(cpu);
  const free = cpu.use(wwWaiters);
  const waiter = free.take(cpu);
  memory.write(waiter + WwWaiter.task, me);
  memory.write(waiter + WwWaiter.ctx, ctx);
  waitLock.lock(cpu, at + WwMutex.lock);
  // Turns the fast paths off before we look: the owner has to come here to let go, or has let go.
  memory.fetchOr(at + WwMutex.owner, WAITERS);
  let result = 0;
  if (!mayTake(cpu, at, 0)) {
    result = addWaiter(cpu, at, waiter, ctx, steps);
    if (result === 0) result = yield* wait(cpu, at, waiter, ctx, state, steps);
  }
  if (result === 0) {
    const others = listFirst(memory, at + WwMutex.waiters) !== 0;
    // Edge W. The word was WAITERS, which nobody changes without the wait lock.
    memory.store(at + WwMutex.owner, others ? (me | WAITERS) >>> 0 : me);
    if (ctx !== 0) {
      setContext(cpu, at, ctx);
      checkWaiters(cpu, at, ctx, steps);
    }
  } else pass(cpu, at);
  waitLock.unlock(cpu, at + WwMutex.lock);
  free.give(waiter);
  return result;
}

/** In the list, until it may take the lock (0), or has to go without. Under the wait lock. */
function* wait(
  cpu: Cpu,
  at: Ptr,
  waiter: Ptr,
  ctx: Ptr,
  state: TaskStateCode,
  steps: WwSteps,
): Sleeps<number> {
  let result = 0;
  for (;;) {
    // S1 of task-layout.ts. What we look at next changes before the wake-up.
    setCurrentState(cpu, state);
    if (mayTake(cpu, at, waiter)) break;
    if (signalPendingState(cpu, state)) result = Errno.EINTR;
    else if (ctx !== 0) result = checkKill(cpu, at, waiter, ctx, steps);
    if (result !== 0) break;
    waitLock.unlock(cpu, at + WwMutex.lock);
    yield* schedule(cpu, at);
    waitLock.lock(cpu, at + WwMutex.lock);
  }
  setCurrentState(cpu, TaskState.running);
  listDel(cpu.memory, at + WwMutex.waiters, waiter);
  return result;
}

/** Nobody has it, and nobody is in front. `waiter`: 0 for one that comes. */
function mayTake({ memory }: Cpu, at: Ptr, waiter: Ptr): boolean {
  return ownerOf(memory, at) === 0 && listFirst(memory, at + WwMutex.waiters) === waiter;
}

/** We go without it. If the unlock woke us, the next one has to know; if nobody waits, the fast paths are on again. Under the wait lock. */
function pass(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  const first = listFirst(memory, at + WwMutex.waiters);
  if (first === 0) memory.fetchAnd(at + WwMutex.owner, ~WAITERS >>> 0);
  else if (ownerOf(memory, at) === 0) wake(cpu, first);
}

function wake(cpu: Cpu, waiter: Ptr): void {
  wakeUpState(cpu, cpu.memory.read(waiter + WwWaiter.task), TASK_NORMAL);
}

/** Linux: __ww_mutex_unlock(), mutex_unlock(). */
export function unlock(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  const me = currentTask(cpu);
  const seen = memory.load(at + WwMutex.owner);
  const holder = (seen & ~WAITERS) >>> 0;
  if (holder !== me) {
    const who = holder === 0 ? 'nobody' : `the task at ${hex(holder)}`;
    bug(cpu, `ww_mutex released by the task at ${hex(me)}, held by ${who}, lock: ${hex(at)}`);
  }
  const ctx = memory.load(at + WwMutex.ctx);
  if (ctx !== 0) {
    const { acquired } = WwAcquireCtx;
    memory.store(ctx + acquired, memory.load(ctx + acquired) - 1);
    memory.store(at + WwMutex.ctx, 0);
  }
  // Edge W: publishes the critical section.
  while (memory.compareExchange(at + WwMutex.owner, me, 0) !== me) {
    if (unlockSlow(cpu, at, me)) return;
    cpu.relax();
  }
}

/** True: a waiter gets it. False: nobody waits any more. */
function unlockSlow(cpu: Cpu, at: Ptr, me: Ptr): boolean {
  const { memory } = cpu;
  waitLock.lock(cpu, at + WwMutex.lock);
  const first = listFirst(memory, at + WwMutex.waiters);
  // Edge W. The first one has to come here to take it.
  memory.store(at + WwMutex.owner, first === 0 ? me : WAITERS);
  if (first !== 0) wake(cpu, first);
  waitLock.unlock(cpu, at + WwMutex.lock);
  return first !== 0;
}
