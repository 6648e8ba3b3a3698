/**
 * Bits of a bitmap in shared memory, changed atomically.
 *
 * A bitmap is an array of 32-bit words, bit `nr` is bit `nr % 32` of word `nr / 32`: the order of a
 * little-endian machine, whatever its word. `nr` is any u32; the caller knows the bitmap's length.
 * All are full barriers, as every atomic access of the seam is. Any context.
 */
import type { Memory, Ptr } from '../memory.ts';

/** Linux: BIT_WORD(). Address of the word that holds bit `nr`. */
export const wordOf = (nr: number, at: Ptr): Ptr => at + (nr >>> 5) * 4;

/** Linux: BIT_MASK(). Bit `nr` within its word, as an int32 (bit 31 is negative). */
export const maskOf = (nr: number): number => 1 << (nr & 31);

/** Linux: set_bit(). */
export function setBit(memory: Memory, nr: number, at: Ptr): void {
  memory.fetchOr(wordOf(nr, at), maskOf(nr));
}

/** Linux: clear_bit(). */
export function clearBit(memory: Memory, nr: number, at: Ptr): void {
  memory.fetchAnd(wordOf(nr, at), ~maskOf(nr));
}

/** Linux: change_bit(). */
export function changeBit(memory: Memory, nr: number, at: Ptr): void {
  memory.fetchXor(wordOf(nr, at), maskOf(nr));
}

/** Linux: test_bit(). May run beside atomic changes. */
export function testBit(memory: Memory, nr: number, at: Ptr): boolean {
  return (memory.load(wordOf(nr, at)) & maskOf(nr)) !== 0;
}

/** Linux: test_and_set_bit(). Was the bit set before? */
export function testAndSetBit(memory: Memory, nr: number, at: Ptr): boolean {
  return (memory.fetchOr(wordOf(nr, at), maskOf(nr)) & maskOf(nr)) !== 0;
}

/** Linux: test_and_clear_bit(). Was the bit set before? */
export function testAndClearBit(memory: Memory, nr: number, at: Ptr): boolean {
  return (memory.fetchAnd(wordOf(nr, at), ~maskOf(nr)) & maskOf(nr)) !== 0;
}

/** Linux: test_and_change_bit(). Was the bit set before? */
export function testAndChangeBit(memory: Memory, nr: number, at: Ptr): boolean {
  return (memory.fetchXor(wordOf(nr, at), maskOf(nr)) & maskOf(nr)) !== 0;
}
