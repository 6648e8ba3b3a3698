/**
 * Reference count that saturates: an object is freed by whoever drops its last reference, and a count that has gone wrong
 * is stuck, so that a mistake leaks memory instead of freeing what is in use. Linux: refcount_t (Elena Reshetova, Peter Zijlstra, Kees Cook 2017;
 * include/linux/refcount.h).
 *
 *   0x00000000            nobody: the object is being freed, nobody may take a reference any more
 *   …1 to 0x7fffffff      so many references
 *   …0x80000000 and up    saturated. A count that passes the middle, or falls below 0, is put to 0xc0000000, from where
 *                         2³⁰ further mistakes do not bring it back: no decAndTest of it is ever true
 *
 * What a count does not do is order the accesses of those who have a reference: that is what locks are for. What all of them did
 * is visible, though, to the one that drops the last.
 *
 * A saturated count, and one that is used after it was 0, is a WARN in the words of Linux, each once on a machine.
 */
import { warnOnce } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { mutexLock, mutexUnlock } from '../sleeping/mutex.ts';
import { NOT_TAKEN } from '../spin/spin-lock-type.ts';
import type { SpinLockType } from '../spin/spin-lock-type.ts';

const fields = { refs: 'u32' } as const;

/** Linux: refcount_t. All words 0: no references. */
export const Refcount: Layout<typeof fields> = layout(fields, { name: 'Refcount' });

/** Linux: REFCOUNT_MAX. References that a count can hold. */
export const REFCOUNT_MAX = 0x7fff_ffff;
/** Linux: REFCOUNT_SATURATED, INT_MIN / 2, as the u32 that it is in memory. */
export const REFCOUNT_SATURATED = 0xc000_0000;

/** Linux: refcount_set(). For an object that nobody else knows yet. */
export function refcountSet(cpu: Cpu, at: Ptr, n: number): void {
  cpu.memory.store(at, n);
}

/** Linux: refcount_read(). Signed: a saturated count is below 0. The answer may be old by the time it arrives. */
export function refcountRead(cpu: Cpu, at: Ptr): number {
  return cpu.memory.load(at) | 0;
}

/** Linux: refcount_add(). `n` further references, by a caller that has one. Any context. */
export function refcountAdd(cpu: Cpu, at: Ptr, n: number): void {
  const old = cpu.memory.fetchAdd(at, n) | 0;
  if (old === 0) saturate(cpu, at, 'addition on 0; use-after-free');
  else if (leaves(old, n)) saturate(cpu, at, 'saturated; leaking memory');
}

/** Linux: refcount_inc(). Another reference, by a caller that has one. Any context. */
export function refcountInc(cpu: Cpu, at: Ptr): void {
  refcountAdd(cpu, at, 1);
}

/** Linux: refcount_add_not_zero(). As `refcountIncNotZero`, for `n`. */
export function refcountAddNotZero(cpu: Cpu, at: Ptr, n: number): boolean {
  const { memory } = cpu;
  let old = memory.load(at);
  while (old !== 0) {
    const seen = memory.compareExchange(at, old, (old + n) >>> 0);
    if (seen === old) break;
    old = seen;
  }
  if (old === 0) return false;
  if (leaves(old | 0, n)) saturate(cpu, at, 'saturated; leaking memory');
  return true;
}

/** Linux: refcount_inc_not_zero(). A reference to an object that may be on its way out; false: it is, there is none to be had. Any context. */
export function refcountIncNotZero(cpu: Cpu, at: Ptr): boolean {
  return refcountAddNotZero(cpu, at, 1);
}

/**
 * Linux: refcount_sub_and_test(). Drops `n` references; true: they were the last, the object is the caller's to free, and what
 * everybody did with it is visible. Any context.
 */
export function refcountSubAndTest(cpu: Cpu, at: Ptr, n: number): boolean {
  // Pairs with itself: releases our use of the object, and the last one sees that of all others.
  const old = cpu.memory.fetchAdd(at, -n) | 0;
  if (old > 0 && old === n) return true;
  if (old <= 0 || old - n < 0) saturate(cpu, at, 'underflow; use-after-free');
  return false;
}

/** Linux: refcount_dec_and_test(). As `refcountSubAndTest`, for one. */
export function refcountDecAndTest(cpu: Cpu, at: Ptr): boolean {
  return refcountSubAndTest(cpu, at, 1);
}

/** Linux: refcount_dec(). Drops a reference that is known not to be the last. Any context. */
export function refcountDec(cpu: Cpu, at: Ptr): void {
  const old = cpu.memory.fetchAdd(at, -1) | 0;
  if (old <= 1) saturate(cpu, at, 'decrement hit 0; leaking memory');
}

/** Linux: refcount_dec_if_one(). Drops the last reference, if it is the last: true. Any context. */
export function refcountDecIfOne(cpu: Cpu, at: Ptr): boolean {
  return cpu.memory.compareExchange(at, 1, 0) === 1;
}

/** Linux: refcount_dec_not_one(). Drops a reference unless it is the last; false: it is, and is still there. Any context. */
export function refcountDecNotOne(cpu: Cpu, at: Ptr): boolean {
  const { memory } = cpu;
  let old = memory.load(at);
  for (;;) {
    if (old === REFCOUNT_SATURATED) return true;
    if (old === 1) return false;
    if (old === 0) {
      warnOnce(cpu, true, WARNINGS + 'underflow; use-after-free.');
      return true;
    }
    const seen = memory.compareExchange(at, old, old - 1);
    if (seen === old) return true;
    old = seen;
  }
}

/**
 * Linux: refcount_dec_and_lock(). Drops a reference; true: it was the last, and the lock at `lock`, of `type`, is held. So who
 * finds the object under that lock finds it with a reference. In the context that `type.lock` is for.
 */
export function refcountDecAndLock(cpu: Cpu, at: Ptr, type: SpinLockType, lock: Ptr): boolean {
  if (refcountDecNotOne(cpu, at)) return false;
  type.lock(cpu, lock);
  // Again: somebody may have found it before we had the lock.
  if (refcountDecAndTest(cpu, at)) return true;
  type.unlock(cpu, lock);
  return false;
}

/** Linux: refcount_dec_and_lock_irqsave(). As `refcountDecAndLock`; returns the flags where the lock is held, else `NOT_TAKEN`. */
export function refcountDecAndLockIrqsave(
  cpu: Cpu,
  at: Ptr,
  type: SpinLockType,
  lock: Ptr,
): number {
  if (refcountDecNotOne(cpu, at)) return NOT_TAKEN;
  const flags = type.lockIrqsave(cpu, lock);
  if (refcountDecAndTest(cpu, at)) return flags;
  type.unlockIrqrestore(cpu, lock, flags);
  return NOT_TAKEN;
}

/** Linux: refcount_dec_and_mutex_lock(). As `refcountDecAndLock`, with a mutex. Task context. */
export function* refcountDecAndMutexLock(cpu: Cpu, at: Ptr, mutex: Ptr): Sleeps<boolean> {
  if (refcountDecNotOne(cpu, at)) return false;
  yield* mutexLock(cpu, mutex);
  if (refcountDecAndTest(cpu, at)) return true;
  mutexUnlock(cpu, mutex);
  return false;
}

const WARNINGS = 'refcount_t: ';

/** Does a count of `old`, signed, pass the middle with `n` more, or has it? */
function leaves(old: number, n: number): boolean {
  return old < 0 || old + n > REFCOUNT_MAX;
}

/** Linux: refcount_warn_saturate(). */
function saturate(cpu: Cpu, at: Ptr, why: string): void {
  cpu.memory.store(at, REFCOUNT_SATURATED);
  warnOnce(cpu, true, `${WARNINGS}${why}.`);
}
