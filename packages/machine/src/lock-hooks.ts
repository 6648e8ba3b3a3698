import type { Ptr } from '@percpu/memory';

/** What a checker (lockdep, a lock profiler) attaches to `cpu.lockHooks`. Called on the CPU that locks. */
export interface LockHooks {
  /** About to acquire; `kind` is the lock's type name, `flags` its own business (read, trylock, nested class). */
  acquire(lock: Ptr, kind: string, flags: number): void;
  /** Had to wait. */
  contended(lock: Ptr, kind: string): void;
  /** Holds it now. */
  acquired(lock: Ptr, kind: string): void;
  /** About to release. */
  release(lock: Ptr, kind: string): void;
}
