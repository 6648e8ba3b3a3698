/**
 * Searching a bitmap of `size` bits. Answers are bit numbers; `size` means there is none.
 *
 * Words are loaded atomically one by one, so a search may run beside changes. It is no snapshot of
 * several words: take a bit that was found with `testAndSetBit`, and search again if that comes too late.
 */
import type { Memory, Ptr } from '../memory.ts';
import { wordOf } from './atomic-bits.ts';
import { BITS_PER_WORD, ffs0, fls0 } from './bits.ts';

/** What a word is changed with so that a clear bit is found as a set one. */
const FOR_SET = 0;
const FOR_CLEAR = -1;

/** Linux: find_first_bit(). */
export function findFirstBit(memory: Memory, at: Ptr, size: number): number {
  return findNext(memory, at, size, 0, FOR_SET);
}

/** Linux: find_first_zero_bit(). */
export function findFirstZeroBit(memory: Memory, at: Ptr, size: number): number {
  return findNext(memory, at, size, 0, FOR_CLEAR);
}

/** Linux: find_next_bit(). The first set bit from `offset` (included) on. */
export function findNextBit(memory: Memory, at: Ptr, size: number, offset: number): number {
  return findNext(memory, at, size, offset, FOR_SET);
}

/** Linux: find_next_zero_bit(). The first clear bit from `offset` (included) on. */
export function findNextZeroBit(memory: Memory, at: Ptr, size: number, offset: number): number {
  return findNext(memory, at, size, offset, FOR_CLEAR);
}

/** Linux: find_last_bit(). */
export function findLastBit(memory: Memory, at: Ptr, size: number): number {
  let end = size;
  while (end > 0) {
    const nr = end - 1;
    // Bits from `end` on do not count. Two steps, because a shift by 32 is none at all.
    const counted = ~((-1 << (nr & 31)) << 1);
    const word = memory.load(wordOf(nr, at)) & counted;
    const start = nr - (nr & 31);
    if (word !== 0) return start + fls0(word);
    end = start;
  }
  return size;
}

function findNext(memory: Memory, at: Ptr, size: number, offset: number, flip: number): number {
  let from = offset;
  while (from < size) {
    const counted = -1 << (from & 31);
    const word = (memory.load(wordOf(from, at)) ^ flip) & counted;
    const start = from - (from & 31);
    if (word !== 0) return Math.min(start + ffs0(word), size);
    from = start + BITS_PER_WORD;
  }
  return size;
}
