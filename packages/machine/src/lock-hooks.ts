import type { Ptr } from '@percpu/memory';

/** A type of lock, as a checker files its knowledge: by `name`, since the reading and the writing side of a lock may be two objects. */
export interface LockKindInfo {
  /** kebab-case, unique among the types of locks. */
  readonly name: string;
  /** What Linux calls such a lock: spinlock, rwlock, mutex, … */
  readonly family: string;
  /** Who holds it and must release it; none: anybody may (semaphore). */
  readonly owner: 'cpu' | 'task' | 'none';
  /** Waiters sleep: not to be waited for in atomic context. */
  readonly sleeps: boolean;
}

/**
 * What a checker (lockdep, a lock profiler) attaches to `cpu.lockHooks`. Called on the CPU that locks, in
 * the context of the caller, whose context and interrupt flag `cpu` tells; `site` says who the caller is (a kernel-text
 * address, or a number that the checker gave out; 0: not said).
 *
 *   acquire ──▶ [contended] ──▶ acquired ──▶ [downgraded] ──▶ release
 *                    └────────▶ release          gave up: time, a signal, a deadlock that was avoided
 *
 * A trylock is told of when it has succeeded (`acquire` with its flag, `acquired`), as in Linux.
 */
export interface LockHooks {
  /** About to acquire. Linux: lock_acquire(). `flags`: read, recursive, trylock, nesting level (LockFlag of the lock package); `nest`: the lock that orders several of one class, or 0. */
  acquire(lock: Ptr, kind: LockKindInfo, flags: number, site: number, nest: Ptr): void;
  /** Has to wait. Linux: lock_contended(). */
  contended(lock: Ptr, kind: LockKindInfo, site: number): void;
  /** Holds it now. Linux: lock_acquired(). */
  acquired(lock: Ptr, kind: LockKindInfo, site: number): void;
  /** About to release, or has given up. Linux: lock_release(). */
  release(lock: Ptr, kind: LockKindInfo, site: number): void;
  /** The writer has become a reader. Linux: lock_downgrade(). */
  downgraded?(lock: Ptr, kind: LockKindInfo, site: number): void;
  /** Is a lock of this type from now on, and free. Linux: lockdep_init_map(). */
  initialised?(lock: Ptr, kind: LockKindInfo, site: number): void;
  /** The locks in these bytes are none any more. Linux: debug_check_no_locks_freed(), lockdep_reset_lock(). */
  freed?(from: Ptr, bytes: number): void;
  /** Interrupts are about to come on, or have gone off; told of changes only. Linux: lockdep_hardirqs_on(), …_off(). */
  hardirqs?(on: boolean): void;
  /** Bottom halves are about to come on, or have gone off. Linux: lockdep_softirqs_on(), …_off(). */
  softirqs?(on: boolean): void;
}
