/**
 * What every type of lock calls while somebody looks on: attached hooks (`cpu.lockHooks`) are told, and the debug
 * mode checks and writes down. One comparison for each of the two where nobody does:
 *
 *   if (isObserved(cpu)) …                       in the lock's functions
 *     lockAcquire                                before the wait
 *     lockContended                              with hooks: one attempt has failed
 *     lockAcquired, or lockAbandoned             it is ours; or time is up, a signal came, a deadlock was avoided
 *     lockRelease                                before the release
 *   lockTried                                    after an attempt that succeeded (Linux: a failed one leaves no trace)
 *   lockInit, lockDestroy, debugCheckNoLocksFreed   life of the lock
 *
 * None of them is a scheduling point: what they touch is this CPU's own.
 */
import { mightSleep } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { LockFlag } from '../lock-flags.ts';
import { lockDebugOf } from './attach.ts';
import type { LockKind } from './lock-kind.ts';

/** Does anybody look on? True once on each CPU before that is known. */
export function isObserved(cpu: Cpu): boolean {
  return cpu.lockHooks !== null || cpu.lockDebug !== null;
}

/** Linux: spin_acquire(), mutex_acquire_nest(). The caller is about to wait for `lock`; `nest` orders several of one class, 0: none does. */
export function lockAcquire(
  cpu: Cpu,
  kind: LockKind,
  lock: Ptr,
  flags: number,
  site: number,
  nest: Ptr = 0,
): void {
  if (kind.sleeps) mightSleep(cpu);
  cpu.lockHooks?.acquire(lock, kind, flags, site, nest);
  lockDebugOf(cpu)?.acquire(kind, lock, flags, site);
}

/** Linux: lock_contended(). */
export function lockContended(cpu: Cpu, kind: LockKind, lock: Ptr, site: number): void {
  cpu.lockHooks?.contended(lock, kind, site);
}

/** Linux: lock_acquired(). */
export function lockAcquired(cpu: Cpu, kind: LockKind, lock: Ptr, site: number): void {
  lockDebugOf(cpu)?.acquired(kind, lock);
  cpu.lockHooks?.acquired(lock, kind, site);
}

/** Instead of `lockAcquired`: the wait has ended without the lock. */
export function lockAbandoned(cpu: Cpu, kind: LockKind, lock: Ptr, site: number): void {
  lockDebugOf(cpu)?.abandoned(lock);
  cpu.lockHooks?.release(lock, kind, site);
}

/** A trylock has succeeded. */
export function lockTried(
  cpu: Cpu,
  kind: LockKind,
  lock: Ptr,
  flags: number,
  site: number,
  nest: Ptr = 0,
): void {
  lockDebugOf(cpu)?.tried(kind, lock, flags | LockFlag.trylock, site);
  cpu.lockHooks?.acquire(lock, kind, flags | LockFlag.trylock, site, nest);
  cpu.lockHooks?.acquired(lock, kind, site);
}

/** Linux: spin_release(). About to release. `flags`: `LockFlag.read` for a reader. `free`: the lock itself says that nobody holds it. */
export function lockRelease(
  cpu: Cpu,
  kind: LockKind,
  lock: Ptr,
  flags: number,
  site: number,
  free = false,
): void {
  cpu.lockHooks?.release(lock, kind, site);
  lockDebugOf(cpu)?.release(kind, lock, flags, free);
}

/** Linux: lock_downgrade(). The writer has become a reader. */
export function lockDowngraded(cpu: Cpu, kind: LockKind, lock: Ptr, site: number): void {
  lockDebugOf(cpu)?.downgraded(kind, lock);
  cpu.lockHooks?.downgraded?.(lock, kind, site);
}

/** The memory at `lock` has been made a free lock, all words 0; the last thing that its init does. */
export function lockInit(cpu: Cpu, kind: LockKind, lock: Ptr, site = 0): void {
  lockDebugOf(cpu)?.initialised(kind, lock);
  cpu.lockHooks?.initialised?.(lock, kind, site);
}

/** The lock is not one any more. Nobody holds or awaits it. `held`: the lock itself says that somebody does. */
export function lockDestroy(cpu: Cpu, kind: LockKind, lock: Ptr, held = false): void {
  lockDebugOf(cpu)?.destroyed(kind, lock, held);
  cpu.lockHooks?.freed?.(lock, kind.size);
}

/** Linux: debug_check_no_locks_freed(). For allocators: these bytes are about to be free, so no lock among them is held or awaited. Any context. */
export function debugCheckNoLocksFreed(cpu: Cpu, from: Ptr, bytes: number): void {
  lockDebugOf(cpu)?.checkFreed('is freeing', from, bytes);
  cpu.lockHooks?.freed?.(from, bytes);
}
