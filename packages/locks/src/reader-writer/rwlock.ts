/**
 * Queued reader-writer spin lock: readers share, a writer is alone, and neither starves the other. The algorithm is that of Linux'
 * qrwlock (Waiman Long 2013; kernel/locking/qrwlock.c), whose idea is the fair lock of Mellor-Crummey & Scott (1991) with one word
 * for those inside and any spin lock for the queue of those who wait.
 *
 *   cnts   31                        9      8        7      0
 *          ┌─────────────────────────┬─────────┬────────────┐
 *          │ readers                 │ waiting │ locked     │      0 = free
 *          └─────────────────────────┴─────────┴────────────┘
 *
 *   readers   inside, and those on their way: a reader counts itself first and looks then
 *   waiting   the writer at the head of the queue waits for the readers to leave; no reader passes it
 *   locked    1: a writer is inside
 *
 *   0 ◀──▶ locked                          write, nobody else
 *   r ◀──▶ r + 1                           read, neither writer flag set
 *   r ──▶ r|waiting ──▶ 0|waiting ──▶ locked    a writer comes, the last reader leaves, the writer enters
 *
 * Who does not get in at once takes `queue`; who holds that is the head of the queue and waits at `cnts`. So one reader and
 * one writer at most wait there, besides interrupts:
 *
 * **Readers in interrupts do not queue.** The task they interrupted may hold the lock for reading while a writer waits; behind
 * that writer they would wait for themselves. So they only wait for a writer inside to leave. In task context there is no such
 * exception: a task that reads, and reads again while a writer waits, hangs, as in Linux.
 *
 * **Who wakes whom.** Waiters may be asleep (machine: parking.ts). Two changes of `cnts` can let one in, so after these its
 * sleepers are woken: a writer leaves, and `cnts` becomes `waiting` alone. The second may be done by a reader that has been
 * inside, or by one that had counted itself in vain.
 */
import type { Cpu } from '@percpu/machine';
import { CACHE_LINE, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { assertFits } from '../assert-fits.ts';
import type { SpinLockAlgorithm, SpinLockType } from '../spin/spin-lock-type.ts';
import { ttas, TtasLock } from '../spin/ttas-lock.ts';
import { rwLockType } from './rwlock-type.ts';
import type { RwLockAlgorithm, RwLockType } from './rwlock-type.ts';

const fields = {
  cnts: 'u32',
  /** Writer's CPU number + 1, where accesses are checked. */
  owner: 'u32',
  /** Held by the head of the queue. */
  queue: TtasLock,
  /** Of the debug mode. */
  magic: 'u32',
} as const;

/** Linux: rwlock_t. All words 0 is a free lock. */
export const RwLock: Layout<'cnts' | 'queue' | 'magic'> = layout(fields, { name: 'RwLock' });
assertFits(RwLock, CACHE_LINE);

/** Linux: _QW_LOCKED. */
export const LOCKED = 0x1;
/** Linux: _QW_WAITING. */
export const WAITING = 0x100;
/** Linux: _QW_WMASK. A writer is inside or next. */
export const WRITER = 0x1ff;
/** Linux: _QR_BIAS. One reader. */
export const READER = 0x200;

/**
 * The queue's order is the order among those who wait. This one has none: a queue in strict order makes all wait for a CPU that has
 * lost its core, whenever there are more CPUs than cores. Whoever is the head, though, gets the lock next.
 */
const queue: SpinLockAlgorithm = ttas.algorithm;

export const queuedRwLock: RwLockAlgorithm = {
  name: 'rwlock',
  layout: RwLock,

  readLock(cpu: Cpu, at: Ptr): void {
    const { memory } = cpu;
    // Edge W: pairs with the fetchAnd in writeUnlock. Seeing no writer means that what the last one wrote is visible.
    if ((memory.fetchAdd(at + RwLock.cnts, READER) & WRITER) === 0) return;
    if (cpu.inInterrupt()) {
      waitForWriter(cpu, at);
      return;
    }
    leave(cpu, at);
    queue.lock(cpu, at + RwLock.queue);
    memory.fetchAdd(at + RwLock.cnts, READER);
    waitForWriter(cpu, at);
    queue.unlock(cpu, at + RwLock.queue);
  },

  readTrylock(cpu: Cpu, at: Ptr): boolean {
    const { memory } = cpu;
    if ((memory.load(at + RwLock.cnts) & WRITER) !== 0) return false;
    // Edge W.
    if ((memory.fetchAdd(at + RwLock.cnts, READER) & WRITER) === 0) return true;
    leave(cpu, at);
    return false;
  },

  readUnlock: leave,

  writeLock(cpu: Cpu, at: Ptr): void {
    const { memory } = cpu;
    const word = at + RwLock.cnts;
    // Edges W and R: nobody inside means that what all the last ones did is visible.
    if (memory.compareExchange(word, 0, LOCKED) === 0) return;
    queue.lock(cpu, at + RwLock.queue);
    if (memory.load(word) !== 0 || memory.compareExchange(word, 0, LOCKED) !== 0) {
      let seen = (memory.fetchOr(word, WAITING) | WAITING) >>> 0;
      for (;;) {
        while (seen !== WAITING) seen = cpu.waitWhileEquals(word, seen);
        seen = memory.compareExchange(word, WAITING, LOCKED);
        if (seen === WAITING) break;
      }
    }
    queue.unlock(cpu, at + RwLock.queue);
  },

  writeTrylock(cpu: Cpu, at: Ptr): boolean {
    const { memory } = cpu;
    return (
      memory.load(at + RwLock.cnts) === 0 &&
      memory.compareExchange(at + RwLock.cnts, 0, LOCKED) === 0
    );
  },

  writeUnlock(cpu: Cpu, at: Ptr): void {
    // Edge W: publishes the critical section. Readers on their way have counted themselves, and stay.
    cpu.memory.fetchAnd(at + RwLock.cnts, ~LOCKED >>> 0);
    cpu.unpark(at + RwLock.cnts);
  },

  isWriteLocked: ({ memory }: Cpu, at: Ptr): boolean =>
    (memory.load(at + RwLock.cnts) & LOCKED) !== 0,
  isReadLocked: ({ memory }: Cpu, at: Ptr): boolean => memory.load(at + RwLock.cnts) >= READER,
};

/** A reader leaves, or stops trying. */
function leave(cpu: Cpu, at: Ptr): void {
  // Edge R: pairs with the compare-exchanges in writeLock. A writer that sees nobody inside comes after all that was read.
  const left = cpu.memory.fetchAdd(at + RwLock.cnts, -READER) - READER;
  if (left === WAITING) cpu.unpark(at + RwLock.cnts);
}

/** We are counted: a writer may be inside still, but none comes after that. */
function waitForWriter(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  let seen = memory.load(at + RwLock.cnts);
  // Edge W.
  while ((seen & LOCKED) !== 0) seen = cpu.waitWhileEquals(at + RwLock.cnts, seen);
}

/** Linux: rwlock_t with its functions. */
export const rwlock: RwLockType = rwLockType(queuedRwLock);

export const readLock: SpinLockType['lock'] = rwlock.read.lock;
export const readTrylock: SpinLockType['trylock'] = rwlock.read.trylock;
export const readUnlock: SpinLockType['unlock'] = rwlock.read.unlock;
export const writeLock: SpinLockType['lock'] = rwlock.write.lock;
export const writeTrylock: SpinLockType['trylock'] = rwlock.write.trylock;
export const writeUnlock: SpinLockType['unlock'] = rwlock.write.unlock;
