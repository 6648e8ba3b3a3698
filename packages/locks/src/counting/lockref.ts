/**
 * A count and the lock that protects what is counted, side by side in 64 bits: as long as nobody holds the lock, the count
 * changes with one compare-exchange of both, so that a reference costs no lock, and who holds the lock holds the count still.
 * Linux: struct lockref (Linus Torvalds 2013; lib/lockref.c), for the names of files.
 *
 *   63            32 31             0
 *   ┌───────────────┬───────────────┐      lock    0 free   1 held
 *   │     lock      │     count     │      count   references; below 0: dead, nobody gets one any more
 *   └───────────────┴───────────────┘
 *
 *   free|n ──▶ free|n±1        one compare-exchange, on any CPU
 *   held|n ──▶ held|m          by the holder alone
 *
 * The lock is a `ttas`: its word says held or free and nothing else, so that the pair is a number that JavaScript has (below
 * 2³³). A word with a queue in it, as in Linux, would need 64 bits and a BigInt for each access.
 */
import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { ttas, TtasLock } from '../spin/ttas-lock.ts';

const fields = {
  /** With the word behind it the pair, at a multiple of 8. */
  count: 'u32',
  lock: TtasLock,
  /** Nothing: the struct gets the alignment of a pair by it. */
  unused: 'u64',
} as const;

/** Linux: struct lockref. All words 0: the lock is free, no references. */
export const Lockref: Layout<'count' | 'lock'> = layout(fields, { name: 'Lockref' });

if (Lockref.lock + TtasLock.locked !== Lockref.count + 4)
  throw new RangeError('Lockref: count and lock must be the two halves of a pair');

/** Linux: lockref_mark_dead(): what a dead count is put to. So far below 0 that mistakes do not bring it back. */
const DEAD = -128;
const HIGH = 2 ** 32;
/** Attempts without the lock. Linux: the same, since a count that all want is taken faster in order. */
const ATTEMPTS = 100;

/** What `change` returns, beyond all counts: there are not enough references. */
const REFUSED: number = -(2 ** 40);
/** And: somebody holds the lock, or all others were faster. */
const LOCKED: number = -(2 ** 41);
const NO_LEAST: number = -(2 ** 31);

/** Linux: lockref_init(). For an object that nobody else knows yet. `count` references, the lock is free. */
export function lockrefInit(cpu: Cpu, at: Ptr, count = 1): void {
  ttas.init(cpu, at + Lockref.lock);
  cpu.memory.store(at + Lockref.count, count);
  cpu.memory.describe(at, Lockref);
}

/** The count, below 0 if it is dead. Holds still only for the holder of the lock. */
export function lockrefCount(cpu: Cpu, at: Ptr): number {
  return cpu.memory.load(at + Lockref.count) | 0;
}

/** Linux: spin_lock(&lockref->lock). Any context; the lock is a `ttas`, with all its forms, at `Lockref.lock`. */
export function lockrefLock(cpu: Cpu, at: Ptr): void {
  ttas.lock(cpu, at + Lockref.lock);
}

/** Linux: spin_unlock(&lockref->lock). */
export function lockrefUnlock(cpu: Cpu, at: Ptr): void {
  ttas.unlock(cpu, at + Lockref.lock);
}

/** Linux: lockref_get(). Another reference, by a caller that has one or holds what keeps the object there. */
export function lockrefGet(cpu: Cpu, at: Ptr): void {
  if (change(cpu, at, 1, NO_LEAST) !== LOCKED) return;
  lockrefLock(cpu, at);
  setCount(cpu, at, lockrefCount(cpu, at) + 1);
  lockrefUnlock(cpu, at);
}

/** Linux: lockref_get_not_zero(). A reference if there are any; false: there are none, or it is dead. */
export function lockrefGetNotZero(cpu: Cpu, at: Ptr): boolean {
  return changeOrLock(cpu, at, 1, 1);
}

/** Linux: lockref_get_not_dead(). A reference, the first too; false: it is dead. */
export function lockrefGetNotDead(cpu: Cpu, at: Ptr): boolean {
  return changeOrLock(cpu, at, 1, 0);
}

/** Linux: lockref_put_not_zero(). Drops a reference unless it is the last or there is none: false. */
export function lockrefPutNotZero(cpu: Cpu, at: Ptr): boolean {
  return changeOrLock(cpu, at, -1, 2);
}

/** Linux: lockref_put_return(). Drops a reference without the lock and returns the new count; −1: there was none, it is dead, or somebody holds the lock. */
export function lockrefPutReturn(cpu: Cpu, at: Ptr): number {
  return Math.max(-1, change(cpu, at, -1, 1));
}

/** Linux: lockref_put_or_lock(). Drops a reference unless it is the last: true. False: the count is as it was, 1 or less, and the caller holds the lock. */
export function lockrefPutOrLock(cpu: Cpu, at: Ptr): boolean {
  if (change(cpu, at, -1, 2) >= 0) return true;
  lockrefLock(cpu, at);
  const count = lockrefCount(cpu, at);
  // Again: others may have come and gone.
  if (count <= 1) return false;
  setCount(cpu, at, count - 1);
  lockrefUnlock(cpu, at);
  return true;
}

/** Linux: lockref_mark_dead(). Nobody gets a reference from now on. The caller holds the lock. */
export function lockrefMarkDead(cpu: Cpu, at: Ptr): void {
  if (!ttas.isLocked(cpu, at + Lockref.lock))
    bug(cpu, `lockrefMarkDead: nobody holds the lock of the lockref ${hex(at)}`);
  setCount(cpu, at, DEAD);
}

/** Linux: __lockref_is_dead(). Under the lock; else the answer may be old by the time it arrives. */
export function lockrefIsDead(cpu: Cpu, at: Ptr): boolean {
  return lockrefCount(cpu, at) < 0;
}

/**
 * Linux: CMPXCHG_LOOP(). Adds `delta` to the count if that is `least` or more and nobody holds the lock: the new count.
 * REFUSED: it is less. LOCKED: with the lock, then.
 */
function change(cpu: Cpu, at: Ptr, delta: number, least: number): number {
  const { memory } = cpu;
  let pair = memory.load64(at);
  for (let left = ATTEMPTS; left > 0 && pair < HIGH; left--) {
    const count = pair | 0;
    if (count < least) return REFUSED;
    const changed = (count + delta) >>> 0;
    // The lock's half is 0 before and after: who holds it keeps this from succeeding. What the last holder wrote is visible.
    const seen = memory.compareExchange64(at, pair, changed);
    if (seen === pair) return changed | 0;
    pair = seen;
  }
  return LOCKED;
}

/** As `change`, with the lock where it does not go without. Has it been done? */
function changeOrLock(cpu: Cpu, at: Ptr, delta: number, least: number): boolean {
  const now = change(cpu, at, delta, least);
  if (now !== LOCKED) return now !== REFUSED;
  lockrefLock(cpu, at);
  const count = lockrefCount(cpu, at);
  const may = count >= least;
  if (may) setCount(cpu, at, count + delta);
  lockrefUnlock(cpu, at);
  return may;
}

/** Under the lock. Atomic, because those without it look. */
function setCount(cpu: Cpu, at: Ptr, count: number): void {
  cpu.memory.store(at + Lockref.count, count >>> 0);
}
