/**
 * Local lock: protects data of this CPU against what else runs on this CPU (Linux: local_lock_t, of Gleixner 2020; a kernel
 * without PREEMPT_RT). It is turning preemption or interrupts off, with a name: code says what it protects, a checker sees it, and
 * a mistake is found. It never waits, because whoever could hold it does not run.
 *
 *   acquired   0 free   1 held by something on this CPU       one word a CPU, at `perCpuPtr` of the lock
 *
 *   localLock          against tasks of this CPU
 *   localLockBh        and its soft irqs
 *   localLockIrqsave   and its interrupt handlers
 *   localTrylock       from any context, NMI too: fails when what it interrupted holds the lock
 *
 * The lock is an offset as `percpuAlloc` returns it. All words 0 is a free lock.
 */
import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex, layout, perCpuPtr } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import {
  isObserved,
  lockAcquire,
  lockAcquired,
  lockKind,
  lockRelease,
  lockTried,
} from '../debug/index.ts';
import type { LockKind } from '../debug/index.ts';
import { NOT_TAKEN } from './spin-lock-type.ts';

const fields = {
  /** Atomic, so that an interrupt may come on either side of it; no other CPU looks. */
  acquired: 'u32',
} as const;

/** Linux: struct local_lock, struct local_trylock. One for each CPU. */
export const LocalLock: Layout<typeof fields> = layout(fields, { name: 'LocalLock' });

const KIND: LockKind = lockKind({
  name: 'local',
  family: 'local_lock',
  layout: LocalLock,
  owner: 'cpu',
  sleeps: false,
});

/** Linux: local_lock(). Preemption is off until the unlock. Not from interrupts that come between. */
export function localLock(cpu: Cpu, lock: Ptr, site = 0): void {
  cpu.preemptDisable();
  acquire(cpu, lock, site);
}

/** Linux: local_unlock(). */
export function localUnlock(cpu: Cpu, lock: Ptr): void {
  release(cpu, lock);
  cpu.preemptEnable();
}

/** Linux: local_lock_nested_bh(), with the turning off of bottom halves that it asks of its caller. */
export function localLockBh(cpu: Cpu, lock: Ptr, site = 0): void {
  cpu.localBhDisable();
  acquire(cpu, lock, site);
}

/** Linux: local_unlock_nested_bh(). Runs the soft irqs raised meanwhile. */
export function localUnlockBh(cpu: Cpu, lock: Ptr): void {
  release(cpu, lock);
  cpu.localBhEnable();
}

/** Linux: local_lock_irqsave(). Returns the flags for `localUnlockIrqrestore`. */
export function localLockIrqsave(cpu: Cpu, lock: Ptr, site = 0): number {
  const flags = cpu.localIrqSave();
  acquire(cpu, lock, site);
  return flags;
}

/** Linux: local_unlock_irqrestore(). */
export function localUnlockIrqrestore(cpu: Cpu, lock: Ptr, flags: number): void {
  release(cpu, lock);
  cpu.localIrqRestore(flags);
}

/** Linux: local_trylock(). False: what this code interrupted holds it, nothing has changed. Any context. */
export function localTrylock(cpu: Cpu, lock: Ptr, site = 0): boolean {
  cpu.preemptDisable();
  if (tryAcquire(cpu, lock, site)) return true;
  cpu.preemptEnable();
  return false;
}

/** Linux: local_trylock_irqsave(). Returns the flags, or `NOT_TAKEN` with interrupts as they were. */
export function localTrylockIrqsave(cpu: Cpu, lock: Ptr, site = 0): number {
  const flags = cpu.localIrqSave();
  if (tryAcquire(cpu, lock, site)) return flags;
  cpu.localIrqRestore(flags);
  return NOT_TAKEN;
}

/** Linux: local_lock_is_locked(). Of this CPU's. With preemption off, or the answer is about some CPU. */
export function localLockIsLocked(cpu: Cpu, lock: Ptr): boolean {
  return cpu.memory.load(wordOf(cpu, lock)) !== 0;
}

function acquire(cpu: Cpu, lock: Ptr, site: number): void {
  const at = wordOf(cpu, lock);
  if (isObserved(cpu)) lockAcquire(cpu, KIND, at, 0, site);
  if (cpu.memory.load(at) !== 0) {
    bug(
      cpu,
      `local lock recursion on CPU#${cpu.id}, lock: ${hex(at)}: taken again, or by an interrupt that it does not keep out`,
    );
  }
  cpu.memory.store(at, 1);
  if (isObserved(cpu)) lockAcquired(cpu, KIND, at, site);
}

function tryAcquire(cpu: Cpu, lock: Ptr, site: number): boolean {
  const at = wordOf(cpu, lock);
  // An interrupt between the two has released it when it returns.
  if (cpu.memory.load(at) !== 0) return false;
  cpu.memory.store(at, 1);
  if (isObserved(cpu)) lockTried(cpu, KIND, at, 0, site);
  return true;
}

function release(cpu: Cpu, lock: Ptr): void {
  const at = wordOf(cpu, lock);
  if (isObserved(cpu)) lockRelease(cpu, KIND, at, 0, 0);
  if (cpu.memory.load(at) === 0)
    bug(cpu, `local lock already unlocked on CPU#${cpu.id}, lock: ${hex(at)}`);
  cpu.memory.store(at, 0);
}

function wordOf(cpu: Cpu, lock: Ptr): Ptr {
  return perCpuPtr(cpu.machine.percpu, lock, cpu.id) + LocalLock.acquired;
}
