/**
 * Queued spin lock: an MCS queue whose tail, with all else, fits into one word (Linux: qspinlock, of Long and Zijlstra 2014;
 * the queue is that of Mellor-Crummey & Scott 1991). Who holds the lock has left the queue, so a CPU needs one node for each
 * context that may wait, and none while it holds locks.
 *
 *   31         18 17   16 15      8 7       0
 *   ┌────────────┬───────┬─────────┬─────────┐     tail: who came last, as CPU number + 1 and which of its four nodes
 *   │ tail: CPU  │ index │ pending │ locked  │     (task, soft irq, hard irq, NMI); 0 = nobody queues
 *   └────────────┴───────┴─────────┴─────────┘
 *
 *   (tail, pending, locked)
 *   0,0,0 ─▶ 0,0,1              free: one compare-exchange
 *   0,0,1 ─▶ 0,1,1 ─▶ 0,1,0 ─▶ 0,0,1     the first to wait says so in the word, and needs no node
 *   *,1,* ─▶ n,1,* ; n,0,* ─▶ m,0,*      whoever comes then queues
 *   n,*,1 ─▶ n,0,0 ─▶ n,0,1 or 0,0,1     the first of the queue waits for holder and pending one, takes the lock, and makes the
 *                                        next the first; the last one clears the tail, by compare-exchange
 *
 * First come, first served, but for trylock and for the place of the pending one. Where CPUs share cores (`spin.pv`) it is
 * the lock of queued-pv.ts instead, with the same word.
 */
import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { lockView } from '../lock-view.ts';
import { LOCKED, LOCKED_MASK, PENDING, QueuedLock } from './queued-layout.ts';
import { BUSY_MASK, PENDING_BYTE } from './queued-layout.ts';
import { lockParavirtual } from './queued-pv.ts';
import { queueFor, QUEUE_STEPS, tryWord } from './queued-queue.ts';
import type { QueueSteps } from './queued-queue.ts';
import { NOT_HELD, releaseQueued } from './queued-steps.ts';
import { spinLockType } from './spin-lock-type.ts';
import type { SpinLockType } from './spin-lock-type.ts';

export { QueuedLock };

/** The steps of the lock that a variant does otherwise, and a busted twin wrongly. */
export interface QueuedSteps extends QueueSteps {
  /** The pending one takes the lock. */
  readonly takePending: (cpu: Cpu, at: Ptr) => void;
  /** It queues after all: takes its mark back. */
  readonly dropPending: (cpu: Cpu, at: Ptr) => void;
  /** After a release that left `value` in the word. */
  readonly wake: (cpu: Cpu, at: Ptr, value: number) => void;
}

export const QUEUED_STEPS: QueuedSteps = {
  ...QUEUE_STEPS,

  takePending({ memory }, at) {
    // Linux: clear_pending_set_locked(). A store of both bytes: nobody else may write them while we are pending.
    memory.store16(at + QueuedLock.value, LOCKED);
  },

  dropPending(cpu, at) {
    cpu.memory.store8(at + QueuedLock.value + PENDING_BYTE, 0);
    // The first of the queue may have taken our mark for that of a waiter before it, and sleep on it.
    cpu.unpark(at + QueuedLock.value);
  },

  wake(cpu, at, value) {
    // Two may sleep on the word: the pending one and the first of the queue. Without the former, it is one.
    if ((value & PENDING) !== 0) cpu.unpark(at + QueuedLock.value);
    else cpu.unparkOne(at + QueuedLock.value);
  },
};

export function queuedType(name: string, steps: QueuedSteps): SpinLockType {
  return spinLockType({
    name,
    layout: QueuedLock,

    lock(cpu: Cpu, at: Ptr): void {
      // Edge L: pairs with the exchange of a release. What the last holder wrote is visible.
      const seen = cpu.memory.compareExchange(at + QueuedLock.value, 0, LOCKED);
      if (seen === 0) return;
      if (lockView(cpu).paravirtual) lockParavirtual(cpu, at, steps);
      else lockContended(cpu, at, seen, steps);
    },

    trylock: tryWord,

    unlock(cpu: Cpu, at: Ptr): void {
      const composite = lockView(cpu).releaseQueued;
      const left = composite === undefined ? releaseQueued(cpu.memory, at) : composite(at);
      if (left === 0) return;
      if (left === NOT_HELD) bug(cpu, `unlock of a free ${name} lock, lock: ${hex(at)}`);
      steps.wake(cpu, at, left);
    },

    isLocked(cpu: Cpu, at: Ptr): boolean {
      return cpu.memory.load(at + QueuedLock.value) !== 0;
    },
  });
}

export const queued: SpinLockType = queuedType('queued', QUEUED_STEPS);

/** Linux: queued_spin_lock_slowpath(). */
function lockContended(cpu: Cpu, at: Ptr, seen: number, steps: QueuedSteps): void {
  const { memory } = cpu;
  let value = seen;
  if (value === PENDING) {
    // The lock is on its way from the holder to the pending one, whose place we could have in a moment.
    cpu.relax();
    value = memory.load(at + QueuedLock.value);
  }
  if ((value & ~LOCKED_MASK) === 0) {
    // Edge L, if the lock has become free meanwhile.
    value = memory.fetchOr(at + QueuedLock.value, PENDING);
    if ((value & ~LOCKED_MASK) === 0) {
      waitWhile(cpu, at, LOCKED_MASK, (value | PENDING) >>> 0);
      steps.takePending(cpu, at);
      return;
    }
    // With the mark there already it is somebody else's.
    if ((value & PENDING) === 0) steps.dropPending(cpu, at);
  }
  queueFor(cpu, at, steps, waitForBoth);
}

/** The first of the queue: until there is neither a holder nor a pending one. Nobody else may take the lock then. */
function waitForBoth(cpu: Cpu, at: Ptr): number {
  return waitWhile(cpu, at, BUSY_MASK, cpu.memory.load(at + QueuedLock.value));
}

function waitWhile(cpu: Cpu, at: Ptr, mask: number, seen: number): number {
  let value = seen;
  // Edge L: pairs with the exchange of a release.
  while ((value & mask) !== 0) value = cpu.waitWhileEquals(at + QueuedLock.value, value);
  return value;
}

export const queuedLock: SpinLockType['lock'] = queued.lock;
export const queuedTrylock: SpinLockType['trylock'] = queued.trylock;
export const queuedUnlock: SpinLockType['unlock'] = queued.unlock;
export const queuedIsLocked: SpinLockType['isLocked'] = queued.isLocked;
