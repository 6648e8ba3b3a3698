/**
 * atomic_t: a signed 32-bit counter in shared memory. All operations wrap as in C and are full barriers.
 * Any context.
 */
import type { Memory, Ptr } from './memory.ts';

/** Linux: atomic_read(). */
export function atomicRead(memory: Memory, at: Ptr): number {
  return memory.load(at) | 0;
}

/** Linux: atomic_set(). */
export function atomicSet(memory: Memory, at: Ptr, value: number): void {
  memory.store(at, value);
}

/** Linux: atomic_add(). */
export function atomicAdd(memory: Memory, at: Ptr, delta: number): void {
  memory.fetchAdd(at, delta);
}

/** Linux: atomic_sub(). */
export function atomicSub(memory: Memory, at: Ptr, delta: number): void {
  memory.fetchAdd(at, -delta | 0);
}

/** Linux: atomic_inc(). */
export function atomicInc(memory: Memory, at: Ptr): void {
  memory.fetchAdd(at, 1);
}

/** Linux: atomic_dec(). */
export function atomicDec(memory: Memory, at: Ptr): void {
  memory.fetchAdd(at, -1);
}

/** Linux: atomic_add_return(). The value after. */
export function atomicAddReturn(memory: Memory, at: Ptr, delta: number): number {
  return (memory.fetchAdd(at, delta) + delta) | 0;
}

/** Linux: atomic_sub_return(). The value after. */
export function atomicSubReturn(memory: Memory, at: Ptr, delta: number): number {
  return atomicAddReturn(memory, at, -delta | 0);
}

/** Linux: atomic_inc_return(). The value after. */
export function atomicIncReturn(memory: Memory, at: Ptr): number {
  return atomicAddReturn(memory, at, 1);
}

/** Linux: atomic_dec_return(). The value after. */
export function atomicDecReturn(memory: Memory, at: Ptr): number {
  return atomicAddReturn(memory, at, -1);
}

/** Linux: atomic_sub_and_test(). Is it 0 now? */
export function atomicSubAndTest(memory: Memory, at: Ptr, delta: number): boolean {
  return atomicSubReturn(memory, at, delta) === 0;
}

/** Linux: atomic_dec_and_test(). Is it 0 now? */
export function atomicDecAndTest(memory: Memory, at: Ptr): boolean {
  return atomicDecReturn(memory, at) === 0;
}

/** Linux: atomic_inc_and_test(). Is it 0 now? */
export function atomicIncAndTest(memory: Memory, at: Ptr): boolean {
  return atomicIncReturn(memory, at) === 0;
}

/** Linux: atomic_add_negative(). Is it negative now? */
export function atomicAddNegative(memory: Memory, at: Ptr, delta: number): boolean {
  return atomicAddReturn(memory, at, delta) < 0;
}

/** Linux: atomic_xchg(). The value before. */
export function atomicXchg(memory: Memory, at: Ptr, value: number): number {
  return memory.exchange(at, value) | 0;
}

/** Linux: atomic_cmpxchg(). The value before: equal to `expected` means the exchange took place. */
export function atomicCmpxchg(
  memory: Memory,
  at: Ptr,
  expected: number,
  replacement: number,
): number {
  return memory.compareExchange(at, expected, replacement) | 0;
}

/** Linux: atomic_add_unless(). Adds unless the value is `unless`; says whether it did. */
export function atomicAddUnless(memory: Memory, at: Ptr, delta: number, unless: number): boolean {
  let old = memory.load(at);
  while (old !== unless >>> 0) {
    const seen = memory.compareExchange(at, old, (old + delta) | 0);
    if (seen === old) return true;
    // Another CPU changed it: that is progress, so this ends without a pause.
    old = seen;
  }
  return false;
}

/** Linux: atomic_inc_not_zero(). Takes a reference unless the last one is gone; says whether it did. */
export function atomicIncNotZero(memory: Memory, at: Ptr): boolean {
  return atomicAddUnless(memory, at, 1, 0);
}
