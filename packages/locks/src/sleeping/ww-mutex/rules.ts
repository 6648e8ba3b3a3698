/**
 * Wound-wait and wait-die (Rosenkrantz, Stearns, Lewis 1978): who waits, and who has to give back what it has. All under
 * the wait lock of the ww_mutex `at`.
 *
 * Algorithm: Linux kernel/locking/ww_mutex.h.
 */
import { Errno, TASK_NORMAL, wakeUpState } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Memory, Ptr } from '@percpu/memory';
import { listAddBehind, listFirst, listLast, listNext, listPrev } from '../../list.ts';
import { holdsLocks, isWaitDie, isYounger } from './context.ts';
import { ownerOf, WAITERS, WwAcquireCtx, WwMutex, WwWaiter } from './layout.ts';

/** The decisions, each by itself: explorations show what becomes of it when one is wrong. */
export interface WwSteps {
  /** The younger context's task hears that it is wounded, wherever it sleeps. */
  readonly wound: (cpu: Cpu, ctx: Ptr, owner: Ptr) => void;
  /** 0, or -EDEADLK for a context that has something to give back. */
  readonly kill: (cpu: Cpu, at: Ptr, ctx: Ptr) => number;
  /** The lock is ours, and `ctx` says so. Is there a waiter that came before it did? Without the wait lock. */
  readonly mayHaveWaiters: (memory: Memory, at: Ptr) => boolean;
  /** A context that holds nothing begins anew. */
  readonly heal: (memory: Memory, ctx: Ptr) => void;
}

export const WW_STEPS: WwSteps = Object.freeze<WwSteps>({
  wound(cpu, ctx, owner): void {
    // S2 of the owner's sleep looks at this: first the news, then the wake-up.
    cpu.memory.store(ctx + WwAcquireCtx.wounded, 1);
    wakeUpState(cpu, owner, TASK_NORMAL);
  },
  kill({ memory }, at, ctx): number {
    if (!holdsLocks(memory, ctx)) return 0;
    memory.write(ctx + WwAcquireCtx.contending, at);
    return Errno.EDEADLK;
  },
  mayHaveWaiters: (memory, at) => (memory.load(at + WwMutex.owner) & WAITERS) !== 0,
  heal(memory, ctx): void {
    if (!holdsLocks(memory, ctx)) memory.store(ctx + WwAcquireCtx.wounded, 0);
  },
});

const ctxOf = (memory: Memory, waiter: Ptr): Ptr => memory.read(waiter + WwWaiter.ctx);

/** Linux: __ww_mutex_die(). A younger waiter that holds something looks again, and dies. */
function die(cpu: Cpu, waiter: Ptr, ctx: Ptr): void {
  const { memory } = cpu;
  const other = ctxOf(memory, waiter);
  if (holdsLocks(memory, other) && isYounger(memory, other, ctx))
    wakeUpState(cpu, memory.read(waiter + WwWaiter.task), TASK_NORMAL);
}

/** Linux: __ww_mutex_wound(). The holder of the lock gives way to `ctx`, which waits, if that is older. True: it does. */
function wound(cpu: Cpu, at: Ptr, ctx: Ptr, steps: WwSteps): boolean {
  const { memory } = cpu;
  // Edge C: pairs with the store of the one that takes the lock, and looks for waiters then. (We are in the list, and WAITERS is set.)
  const holder = memory.load(at + WwMutex.ctx);
  const owner = ownerOf(memory, at);
  // While there is an owner it cannot let go without the wait lock: so both are still there.
  if (holder === 0 || owner === 0) return false;
  if (!holdsLocks(memory, holder) || !isYounger(memory, holder, ctx)) return false;
  steps.wound(cpu, holder, owner);
  return true;
}

/** Linux: __ww_mutex_add_waiter(). Returns 0, or -EDEADLK when there is no point in waiting. */
export function addWaiter(cpu: Cpu, at: Ptr, waiter: Ptr, ctx: Ptr, steps: WwSteps): number {
  const { memory } = cpu;
  const waiters = at + WwMutex.waiters;
  let before = listLast(memory, waiters);
  if (ctx !== 0) {
    const waitDie = isWaitDie(memory, ctx);
    let place = before;
    while (place !== 0) {
      const other = ctxOf(memory, place);
      if (other !== 0) {
        if (isYounger(memory, ctx, other)) {
          // Behind an older one: we would have to die when that gets the lock.
          const killed = waitDie ? steps.kill(cpu, at, ctx) : 0;
          if (killed !== 0) return killed;
          break;
        }
        if (waitDie) die(cpu, place, ctx);
        // In front of the oldest of the younger ones, and of none without a context before that.
        before = listPrev(memory, place);
      }
      place = listPrev(memory, place);
    }
  }
  listAddBehind(memory, waiters, before, waiter);
  if (ctx !== 0 && !isWaitDie(memory, ctx)) wound(cpu, at, ctx, steps);
  return 0;
}

/** Linux: __ww_mutex_check_waiters(). `ctx` has the lock now: younger waiters die, or older ones wound it. */
export function checkWaiters(cpu: Cpu, at: Ptr, ctx: Ptr, steps: WwSteps): void {
  const { memory } = cpu;
  const waitDie = isWaitDie(memory, ctx);
  let waiter = listFirst(memory, at + WwMutex.waiters);
  for (; waiter !== 0; waiter = listNext(memory, waiter)) {
    const other = ctxOf(memory, waiter);
    if (other === 0) continue;
    if (waitDie) {
      // Those behind have an older one in front of them: they know.
      die(cpu, waiter, ctx);
      return;
    }
    if (wound(cpu, at, other, steps)) return;
  }
}

/** Linux: __ww_mutex_check_kill(). Must the waiter give back what it has? Returns 0 or -EDEADLK. */
export function checkKill(cpu: Cpu, at: Ptr, waiter: Ptr, ctx: Ptr, steps: WwSteps): number {
  const { memory } = cpu;
  if (!holdsLocks(memory, ctx)) return 0;
  if (!isWaitDie(memory, ctx))
    return memory.load(ctx + WwAcquireCtx.wounded) === 0 ? 0 : steps.kill(cpu, at, ctx);
  const holder = memory.load(at + WwMutex.ctx);
  if (holder !== 0 && isYounger(memory, ctx, holder)) return steps.kill(cpu, at, ctx);
  let before = listPrev(memory, waiter);
  for (; before !== 0; before = listPrev(memory, before))
    if (ctxOf(memory, before) !== 0) return steps.kill(cpu, at, ctx);
  return 0;
}
