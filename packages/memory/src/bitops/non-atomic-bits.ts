/**
 * The same on bitmaps that a lock protects, or that nobody else knows yet: plain accesses, which lose
 * each other's bits when two CPUs change one word.
 */
import type { Memory, Ptr } from '../memory.ts';
import { maskOf, wordOf } from './atomic-bits.ts';

/** Linux: __set_bit(). */
export function nonAtomicSetBit(memory: Memory, nr: number, at: Ptr): void {
  const word = wordOf(nr, at);
  memory.write(word, memory.read(word) | maskOf(nr));
}

/** Linux: __clear_bit(). */
export function nonAtomicClearBit(memory: Memory, nr: number, at: Ptr): void {
  const word = wordOf(nr, at);
  memory.write(word, memory.read(word) & ~maskOf(nr));
}

/** Linux: __change_bit(). */
export function nonAtomicChangeBit(memory: Memory, nr: number, at: Ptr): void {
  const word = wordOf(nr, at);
  memory.write(word, memory.read(word) ^ maskOf(nr));
}

/** Linux has one test_bit() for both kinds; under a race detector a plain bitmap wants a plain read. */
export function nonAtomicTestBit(memory: Memory, nr: number, at: Ptr): boolean {
  return (memory.read(wordOf(nr, at)) & maskOf(nr)) !== 0;
}

/** Linux: __test_and_set_bit(). Was the bit set before? */
export function nonAtomicTestAndSetBit(memory: Memory, nr: number, at: Ptr): boolean {
  const word = wordOf(nr, at);
  const old = memory.read(word);
  memory.write(word, old | maskOf(nr));
  return (old & maskOf(nr)) !== 0;
}

/** Linux: __test_and_clear_bit(). Was the bit set before? */
export function nonAtomicTestAndClearBit(memory: Memory, nr: number, at: Ptr): boolean {
  const word = wordOf(nr, at);
  const old = memory.read(word);
  memory.write(word, old & ~maskOf(nr));
  return (old & maskOf(nr)) !== 0;
}

/** Linux: __test_and_change_bit(). Was the bit set before? */
export function nonAtomicTestAndChangeBit(memory: Memory, nr: number, at: Ptr): boolean {
  const word = wordOf(nr, at);
  const old = memory.read(word);
  memory.write(word, old ^ maskOf(nr));
  return (old & maskOf(nr)) !== 0;
}
