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
import type { LayoutInfo, Ptr } from '@percpu/memory';
import { isObserved, lockInit, lockKind } from '../debug/index.ts';
import { subclassFlags } from '../lock-flags.ts';
import { observedLock, observedTrylock, observedUnlock } from './observed.ts';

/** The struct of a spin lock. All words 0 is a free lock. Its field `magic` ('u32'), if it has one, belongs to the debug mode. */
export type SpinLockLayout = LayoutInfo;

/** A new spin lock is one of these. The functions are called with preemption off. */
export interface SpinLockAlgorithm {
  /** kebab-case, unique among lock types. */
  readonly name: string;
  /** What Linux calls such a lock, for messages. Default: spinlock. */
  readonly family?: string;
  readonly layout: SpinLockLayout;
  /** Many may hold it at a time: the reading side of a reader-writer lock. It has no owner. */
  readonly shared?: boolean;
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
  /** The bare steps, for a lock that contains this one: no hooks, no checks, preemption is off. Linux: arch_spinlock_t. */
  readonly algorithm: SpinLockAlgorithm;
  /** Linux: spin_lock_init(). Makes the memory at `at` a free lock. No CPU may hold or await it. */
  readonly init: (cpu: Cpu, at: Ptr) => void;
  /** Linux: spin_lock(). Returns holding the lock, preemption off. */
  readonly lock: (cpu: Cpu, at: Ptr, site?: number) => void;
  /** Linux: spin_lock_nested(). As `lock`, where the caller holds locks of the same class on lower levels; `subclass` 0–7. */
  readonly lockNested: (cpu: Cpu, at: Ptr, subclass: number, site?: number) => void;
  /** Linux: spin_lock_nest_lock(). As `lock`, where the caller holds `nest`, without which nobody takes several of this class. */
  readonly lockNestLock: (cpu: Cpu, at: Ptr, nest: Ptr, site?: number) => void;
  /** Linux: spin_trylock(). False: somebody holds or awaits it, nothing has changed. */
  readonly trylock: (cpu: Cpu, at: Ptr, site?: number) => boolean;
  /** Linux: spin_unlock(). The caller holds the lock. */
  readonly unlock: (cpu: Cpu, at: Ptr) => void;
  /** Linux: spin_is_locked(). The answer may be old by the time it arrives. */
  readonly isLocked: (cpu: Cpu, at: Ptr) => boolean;
  /** Linux: spin_lock_irqsave(). Returns the flags for `unlockIrqrestore`. */
  readonly lockIrqsave: (cpu: Cpu, at: Ptr, site?: number) => number;
  /** Linux: spin_lock_irqsave_nested(). */
  readonly lockIrqsaveNested: (cpu: Cpu, at: Ptr, subclass: number, site?: number) => number;
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
  const { name, layout, family = 'spinlock' } = algorithm;
  const kind = lockKind({ name, family, layout, owner: 'cpu', sleeps: false });

  function lock(cpu: Cpu, at: Ptr, site = 0): void {
    cpu.preemptDisable();
    if (isObserved(cpu)) observedLock(algorithm, kind, cpu, at, 0, site, 0);
    else algorithm.lock(cpu, at);
  }

  function lockNested(cpu: Cpu, at: Ptr, subclass: number, site = 0): void {
    cpu.preemptDisable();
    if (isObserved(cpu))
      observedLock(algorithm, kind, cpu, at, subclassFlags(cpu, subclass), site, 0);
    else algorithm.lock(cpu, at);
  }

  function lockNestLock(cpu: Cpu, at: Ptr, nest: Ptr, site = 0): void {
    cpu.preemptDisable();
    if (isObserved(cpu)) observedLock(algorithm, kind, cpu, at, 0, site, nest);
    else algorithm.lock(cpu, at);
  }

  function trylock(cpu: Cpu, at: Ptr, site = 0): boolean {
    cpu.preemptDisable();
    const taken = isObserved(cpu)
      ? observedTrylock(algorithm, kind, cpu, at, site)
      : algorithm.trylock(cpu, at);
    if (!taken) cpu.preemptEnable();
    return taken;
  }

  /** The unlock proper: interrupts and bottom halves come back before preemption does. */
  function release(cpu: Cpu, at: Ptr): void {
    if (isObserved(cpu)) observedUnlock(algorithm, kind, cpu, at);
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

  function lockIrqsaveNested(cpu: Cpu, at: Ptr, subclass: number, site = 0): number {
    const flags = cpu.localIrqSave();
    lockNested(cpu, at, subclass, site);
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
    ...{ name, layout, algorithm, lock, trylock, unlock, lockNested, lockNestLock },
    isLocked: algorithm.isLocked.bind(algorithm),
    ...{ lockIrqsave, unlockIrqrestore, trylockIrqsave, lockIrq, unlockIrq, trylockIrq },
    ...{ lockBh, unlockBh, trylockBh, lockIrqsaveNested },
    init(cpu: Cpu, at: Ptr): void {
      for (let offset = 0; offset < layout.size; offset += 4) cpu.memory.store(at + offset, 0);
      cpu.memory.describe(at, layout, name);
      if (isObserved(cpu)) lockInit(cpu, kind, at);
    },
  });
}
