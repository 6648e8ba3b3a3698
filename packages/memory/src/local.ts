/**
 * local_t: a signed 32-bit counter that only its own CPU changes, in any context including interrupts,
 * and that others may read.
 *
 * Linux saves the LOCK prefix and uses one plain instruction, which an interrupt cannot split. The seam
 * has no such thing: a read and a write can be split. So these are the atomic accesses; what is left
 * of local_t is the promise, and that its cache line stays where it is.
 */
import {
  atomicAdd,
  atomicAddNegative,
  atomicAddReturn,
  atomicAddUnless,
  atomicCmpxchg,
  atomicRead,
  atomicSet,
  atomicSub,
  atomicSubReturn,
  atomicXchg,
} from './atomic.ts';
import type { Memory, Ptr } from './memory.ts';

/** Linux: local_read(). Any CPU. */
export function localRead(memory: Memory, at: Ptr): number {
  return atomicRead(memory, at);
}

/** Linux: local_set(). */
export function localSet(memory: Memory, at: Ptr, value: number): void {
  atomicSet(memory, at, value);
}

/** Linux: local_add(). */
export function localAdd(memory: Memory, at: Ptr, delta: number): void {
  atomicAdd(memory, at, delta);
}

/** Linux: local_sub(). */
export function localSub(memory: Memory, at: Ptr, delta: number): void {
  atomicSub(memory, at, delta);
}

/** Linux: local_inc(). */
export function localInc(memory: Memory, at: Ptr): void {
  atomicAdd(memory, at, 1);
}

/** Linux: local_dec(). */
export function localDec(memory: Memory, at: Ptr): void {
  atomicAdd(memory, at, -1);
}

/** Linux: local_add_return(). The value after. */
export function localAddReturn(memory: Memory, at: Ptr, delta: number): number {
  return atomicAddReturn(memory, at, delta);
}

/** Linux: local_sub_return(). The value after. */
export function localSubReturn(memory: Memory, at: Ptr, delta: number): number {
  return atomicSubReturn(memory, at, delta);
}

/** Linux: local_inc_return(). The value after. */
export function localIncReturn(memory: Memory, at: Ptr): number {
  return atomicAddReturn(memory, at, 1);
}

/** Linux: local_dec_return(). The value after. */
export function localDecReturn(memory: Memory, at: Ptr): number {
  return atomicAddReturn(memory, at, -1);
}

/** Linux: local_sub_and_test(). Is it 0 now? */
export function localSubAndTest(memory: Memory, at: Ptr, delta: number): boolean {
  return atomicSubReturn(memory, at, delta) === 0;
}

/** Linux: local_dec_and_test(). Is it 0 now? */
export function localDecAndTest(memory: Memory, at: Ptr): boolean {
  return atomicAddReturn(memory, at, -1) === 0;
}

/** Linux: local_inc_and_test(). Is it 0 now? */
export function localIncAndTest(memory: Memory, at: Ptr): boolean {
  return atomicAddReturn(memory, at, 1) === 0;
}

/** Linux: local_add_negative(). Is it negative now? */
export function localAddNegative(memory: Memory, at: Ptr, delta: number): boolean {
  return atomicAddNegative(memory, at, delta);
}

/** Linux: local_xchg(). The value before. */
export function localXchg(memory: Memory, at: Ptr, value: number): number {
  return atomicXchg(memory, at, value);
}

/** Linux: local_cmpxchg(). The value before: equal to `expected` means the exchange took place. */
export function localCmpxchg(
  memory: Memory,
  at: Ptr,
  expected: number,
  replacement: number,
): number {
  return atomicCmpxchg(memory, at, expected, replacement);
}

/** Linux: local_add_unless(). Adds unless the value is `unless`; says whether it did. */
export function localAddUnless(memory: Memory, at: Ptr, delta: number, unless: number): boolean {
  return atomicAddUnless(memory, at, delta, unless);
}

/** Linux: local_inc_not_zero(). Says whether it did. */
export function localIncNotZero(memory: Memory, at: Ptr): boolean {
  return atomicAddUnless(memory, at, 1, 0);
}
