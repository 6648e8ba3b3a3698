/**
 * Taking and releasing a spin lock while somebody looks on: attached hooks are told, and the debug mode
 * makes mistakes a BUG instead of a hang.
 *
 * With hooks, as in Linux (LOCK_CONTENDED), one attempt comes before the wait, to tell a contended
 * acquisition from another. Without them the algorithm runs as it always does.
 */
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import {
  lockAcquire,
  lockAcquired,
  lockContended,
  lockRelease,
  lockTried,
} from '../debug/index.ts';
import type { LockKind } from '../debug/index.ts';
import { LockFlag } from '../lock-flags.ts';
import type { SpinLockAlgorithm } from './spin-lock-type.ts';

/** `flags`: nesting level, at its place; `nest`: the lock that orders several of one class, or 0. */
export function observedLock(
  lock: SpinLockAlgorithm,
  kind: LockKind,
  cpu: Cpu,
  at: Ptr,
  flags: number,
  site: number,
  nest: Ptr,
): void {
  lockAcquire(cpu, kind, at, flags | modeOf(lock, cpu), site, nest);
  if (cpu.lockHooks === null) lock.lock(cpu, at);
  else if (!lock.trylock(cpu, at)) {
    lockContended(cpu, kind, at, site);
    lock.lock(cpu, at);
  }
  lockAcquired(cpu, kind, at, site);
}

export function observedTrylock(
  lock: SpinLockAlgorithm,
  kind: LockKind,
  cpu: Cpu,
  at: Ptr,
  site: number,
): boolean {
  if (!lock.trylock(cpu, at)) return false;
  lockTried(cpu, kind, at, modeOf(lock, cpu), site);
  return true;
}

export function observedUnlock(lock: SpinLockAlgorithm, kind: LockKind, cpu: Cpu, at: Ptr): void {
  lockRelease(cpu, kind, at, modeOf(lock, cpu), 0, !lock.isLocked(cpu, at));
  lock.unlock(cpu, at);
}

/** Linux: read_lock_is_recursive(). Readers in interrupts pass a writer that waits. */
function modeOf({ shared }: SpinLockAlgorithm, cpu: Cpu): number {
  if (shared !== true) return 0;
  return cpu.inInterrupt() ? LockFlag.read | LockFlag.recursiveRead : LockFlag.read;
}
