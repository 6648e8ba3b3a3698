/**
 * From an algorithm to a spin lock: what all of them share is written here, once.
 *
 *   algorithm   lock, trylock, unlock, isLocked: who gets the lock, and how the others wait
 *   this file   preemption, interrupts, bottom halves, hooks, checks
 *
 * A lock is held with preemption off: a holder that could be switched away would make every waiter
 * spin for a time slice. Which of the further forms a lock needs depends on who else takes it:
 *
 *   only tasks                  lock
 *   tasks and soft irqs         lockBh in the task, lock in the soft irq
 *   interrupt handlers too      lockIrqsave, or lockIrq where interrupts are known to be on
 */
import type { Cpu } from '@percpu/machine';
import type { LayoutInfo, Memory, Ptr } from '@percpu/memory';
import { observedLock, observedTrylock, observedUnlock } from './observed.ts';

/** The struct of a spin lock. All words 0 is a free lock. */
export interface SpinLockLayout extends LayoutInfo {
  /**
   * Holder's CPU number + 1. An *own* word, kept only where accesses are checked: whoever finds its own
   * number here has written it itself.
   */
  readonly owner: number;
}

/** A new spin lock is one of these. The functions are called with preemption off. */
export interface SpinLockAlgorithm {
  /** kebab-case, unique among lock types. */
  readonly name: string;
  readonly layout: SpinLockLayout;
  /** Waits through `cpu.waitWhileEquals` and its kin, never in a bare loop. */
  lock(cpu: Cpu, at: Ptr): void;
  /** One attempt, never waits. */
  trylock(cpu: Cpu, at: Ptr): boolean;
  /** The caller holds the lock. */
  unlock(cpu: Cpu, at: Ptr): void;
  isLocked(cpu: Cpu, at: Ptr): boolean;
}

/**
 * A type of spin lock. All functions are free of `this` and may be taken off the object.
 *
 * `site` names the caller to an attached checker (a kernel-text address or any number the checker
 * gave out; 0: not said). No form may sleep, and none may be used in an NMI except trylock.
 */
export interface SpinLockType {
  readonly name: string;
  readonly layout: SpinLockLayout;
  /** Linux: spin_lock_init(). Makes the memory at `at` a free lock. No CPU may hold or await it. */
  readonly init: (cpu: Cpu, at: Ptr) => void;
  /** Linux: spin_lock(). Returns holding the lock, preemption off. */
  readonly lock: (cpu: Cpu, at: Ptr, site?: number) => void;
  /** Linux: spin_trylock(). False: somebody holds or awaits it, nothing has changed. */
  readonly trylock: (cpu: Cpu, at: Ptr, site?: number) => boolean;
  /** Linux: spin_unlock(). The caller holds the lock. */
  readonly unlock: (cpu: Cpu, at: Ptr) => void;
  /** Linux: spin_is_locked(). The answer may be old by the time it arrives. */
  readonly isLocked: (cpu: Cpu, at: Ptr) => boolean;
  /** Linux: spin_lock_irqsave(). Returns the flags for `unlockIrqrestore`. */
  readonly lockIrqsave: (cpu: Cpu, at: Ptr, site?: number) => number;
  /** Linux: spin_unlock_irqrestore(). */
  readonly unlockIrqrestore: (cpu: Cpu, at: Ptr, flags: number) => void;
  /** Linux: spin_trylock_irqsave(). Returns the flags, or `NOT_TAKEN` with interrupts as they were. */
  readonly trylockIrqsave: (cpu: Cpu, at: Ptr, site?: number) => number;
  /** Linux: spin_lock_irq(). For callers that know interrupts to be on. */
  readonly lockIrq: (cpu: Cpu, at: Ptr, site?: number) => void;
  /** Linux: spin_unlock_irq(). Interrupts are on afterwards. */
  readonly unlockIrq: (cpu: Cpu, at: Ptr) => void;
  /** Linux: spin_trylock_irq(). */
  readonly trylockIrq: (cpu: Cpu, at: Ptr, site?: number) => boolean;
  /** Linux: spin_lock_bh(). Soft irqs of this CPU wait until the unlock. */
  readonly lockBh: (cpu: Cpu, at: Ptr, site?: number) => void;
  /** Linux: spin_unlock_bh(). Runs the soft irqs raised meanwhile. */
  readonly unlockBh: (cpu: Cpu, at: Ptr) => void;
  /** Linux: spin_trylock_bh(). */
  readonly trylockBh: (cpu: Cpu, at: Ptr, site?: number) => boolean;
}

/** What `trylockIrqsave` returns when it did not get the lock. No flags have this value. */
export const NOT_TAKEN = -1;

export function spinLockType(algorithm: SpinLockAlgorithm): SpinLockType {
  const { name, layout } = algorithm;

  function lock(cpu: Cpu, at: Ptr, site = 0): void {
    cpu.preemptDisable();
    if (isObserved(cpu, cpu.memory)) observedLock(algorithm, cpu, at, site);
    else algorithm.lock(cpu, at);
  }

  function trylock(cpu: Cpu, at: Ptr, site = 0): boolean {
    cpu.preemptDisable();
    const taken = isObserved(cpu, cpu.memory)
      ? observedTrylock(algorithm, cpu, at, site)
      : algorithm.trylock(cpu, at);
    if (!taken) cpu.preemptEnable();
    return taken;
  }

  /** The unlock proper: interrupts and bottom halves come back before preemption does. */
  function release(cpu: Cpu, at: Ptr): void {
    if (isObserved(cpu, cpu.memory)) observedUnlock(algorithm, cpu, at);
    else algorithm.unlock(cpu, at);
  }

  function unlock(cpu: Cpu, at: Ptr): void {
    release(cpu, at);
    cpu.preemptEnable();
  }

  function lockIrqsave(cpu: Cpu, at: Ptr, site = 0): number {
    const flags = cpu.localIrqSave();
    lock(cpu, at, site);
    return flags;
  }

  function unlockIrqrestore(cpu: Cpu, at: Ptr, flags: number): void {
    release(cpu, at);
    cpu.localIrqRestore(flags);
    cpu.preemptEnable();
  }

  function trylockIrqsave(cpu: Cpu, at: Ptr, site = 0): number {
    const flags = cpu.localIrqSave();
    if (trylock(cpu, at, site)) return flags;
    cpu.localIrqRestore(flags);
    return NOT_TAKEN;
  }

  function lockIrq(cpu: Cpu, at: Ptr, site = 0): void {
    cpu.localIrqDisable();
    lock(cpu, at, site);
  }

  function unlockIrq(cpu: Cpu, at: Ptr): void {
    release(cpu, at);
    cpu.localIrqEnable();
    cpu.preemptEnable();
  }

  function trylockIrq(cpu: Cpu, at: Ptr, site = 0): boolean {
    cpu.localIrqDisable();
    if (trylock(cpu, at, site)) return true;
    cpu.localIrqEnable();
    return false;
  }

  function lockBh(cpu: Cpu, at: Ptr, site = 0): void {
    cpu.localBhDisable();
    lock(cpu, at, site);
  }

  function unlockBh(cpu: Cpu, at: Ptr): void {
    unlock(cpu, at);
    cpu.localBhEnable();
  }

  function trylockBh(cpu: Cpu, at: Ptr, site = 0): boolean {
    cpu.localBhDisable();
    if (trylock(cpu, at, site)) return true;
    cpu.localBhEnable();
    return false;
  }

  return Object.freeze<SpinLockType>({
    ...{ name, layout, lock, trylock, unlock, isLocked: algorithm.isLocked.bind(algorithm) },
    ...{ lockIrqsave, unlockIrqrestore, trylockIrqsave, lockIrq, unlockIrq, trylockIrq },
    ...{ lockBh, unlockBh, trylockBh },
    init(cpu: Cpu, at: Ptr): void {
      for (let offset = 0; offset < layout.size; offset += 4) cpu.memory.store(at + offset, 0);
      cpu.memory.describe(at, layout, name);
    },
  });
}

/** Does anybody look on? Two comparisons on every acquisition: nothing measurable (README, "Figures"). */
function isObserved(cpu: Cpu, memory: Memory): boolean {
  return cpu.lockHooks !== null || memory.checked;
}
