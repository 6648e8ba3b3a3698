/**
 * From an algorithm to a reader-writer spin lock. Either side is a spin lock type of its own, with all its forms, hooks and checks
 * (spin-lock-type.ts): the writing side excludes everybody, the reading side everybody but readers.
 */
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { spinLockType } from '../spin/spin-lock-type.ts';
import type { SpinLockLayout, SpinLockType } from '../spin/spin-lock-type.ts';

/** Called with preemption off. Waiting is done through `cpu.waitWhileEquals` and its kin. */
export interface RwLockAlgorithm {
  /** kebab-case, unique among lock types. */
  readonly name: string;
  readonly layout: SpinLockLayout;
  readLock(cpu: Cpu, at: Ptr): void;
  /** One attempt, never waits. */
  readTrylock(cpu: Cpu, at: Ptr): boolean;
  /** The caller is one of the readers. */
  readUnlock(cpu: Cpu, at: Ptr): void;
  writeLock(cpu: Cpu, at: Ptr): void;
  writeTrylock(cpu: Cpu, at: Ptr): boolean;
  /** The caller is the writer. */
  writeUnlock(cpu: Cpu, at: Ptr): void;
  /** Is a writer inside? */
  isWriteLocked(cpu: Cpu, at: Ptr): boolean;
  /** Is a reader inside? */
  isReadLocked(cpu: Cpu, at: Ptr): boolean;
}

/**
 * A type of reader-writer lock. `read` and `write` have the forms of a spin lock: `lock`, `trylock`, `unlock`, irqsave, irq,
 * bh. Any context but NMI, where only the attempts may be used.
 */
export interface RwLockType {
  readonly name: string;
  readonly layout: SpinLockLayout;
  /** Linux: rwlock_init(). No CPU may hold or await it. */
  readonly init: (cpu: Cpu, at: Ptr) => void;
  /** Linux: rwlock_is_locked(). By readers or a writer; the answer may be old by the time it arrives. */
  readonly isLocked: (cpu: Cpu, at: Ptr) => boolean;
  /** Linux: read_lock() and its forms. */
  readonly read: SpinLockType;
  /** Linux: write_lock() and its forms. */
  readonly write: SpinLockType;
}

export function rwLockType(algorithm: RwLockAlgorithm): RwLockType {
  const { name, layout } = algorithm;
  const read = spinLockType({
    ...{ name, layout, family: 'rwlock', shared: true },
    lock: algorithm.readLock.bind(algorithm),
    trylock: algorithm.readTrylock.bind(algorithm),
    unlock: algorithm.readUnlock.bind(algorithm),
    isLocked: algorithm.isReadLocked.bind(algorithm),
  });
  const write = spinLockType({
    ...{ name, layout, family: 'rwlock' },
    lock: algorithm.writeLock.bind(algorithm),
    trylock: algorithm.writeTrylock.bind(algorithm),
    unlock: algorithm.writeUnlock.bind(algorithm),
    isLocked: algorithm.isWriteLocked.bind(algorithm),
  });
  return Object.freeze<RwLockType>({
    ...{ name, layout, read, write, init: write.init },
    isLocked: (cpu, at) => read.isLocked(cpu, at) || write.isLocked(cpu, at),
  });
}
