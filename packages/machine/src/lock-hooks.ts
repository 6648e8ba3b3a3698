import type { Ptr } from '@percpu/memory';

/**
 * What a checker (lockdep, a lock profiler) attaches to `cpu.lockHooks`. Called on the CPU that locks, in
 * the context of the caller. `kind` is the lock's type name; `site` says who the caller is (a kernel-text
 * address, or a number that the checker gave out; 0: not said).
 */
export interface LockHooks {
  /** About to acquire; `flags` are those of the lock package (read, trylock, nesting level). */
  acquire(lock: Ptr, kind: string, flags: number, site: number): void;
  /** Has to wait. */
  contended(lock: Ptr, kind: string, site: number): void;
  /** Holds it now. */
  acquired(lock: Ptr, kind: string, site: number): void;
  /** About to release. */
  release(lock: Ptr, kind: string, site: number): void;
}
