/**
 * The boot-time allocator: hands out memory from the start, never takes any back.
 *
 * For what lives as long as the machine. The memory it gives is zero, because it never was anybody's.
 */
import { HEADER, Header } from './header.ts';
import { alignUp } from './layout.ts';
import { CACHE_LINE } from './memory.ts';
import type { Memory, Ptr } from './memory.ts';
import { hex } from './memory-fault.ts';

const BRK: Ptr = HEADER + Header.brk;

/**
 * Linux: memblock_alloc(). `size` bytes, zeroed, at a multiple of `align` (a power of two; default: own
 * cache lines). Any context, any number of CPUs at once. Throws when the memory is used up.
 */
export function memblockAlloc(memory: Memory, size: number, align: number = CACHE_LINE): Ptr {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new RangeError(
      `memblockAlloc: a size of ${size} bytes; accepted are whole numbers from 1`,
    );
  }
  if (!isPowerOfTwo(align)) {
    throw new RangeError(
      `memblockAlloc: an alignment of ${align}; accepted are powers of two from 1 to 2^31`,
    );
  }
  // BigInt: once at boot, and exact on every backend.
  let brk = memory.loadBig64(BRK);
  for (;;) {
    const at = alignUp(Number(brk), align);
    if (at + size > memory.byteLength) throw outOfMemory(memory, size, align, Number(brk));
    const seen = memory.compareExchangeBig64(BRK, brk, BigInt(at + size));
    if (seen === brk) return at;
    // Somebody else allocated in between; that is progress, so this ends.
    brk = seen;
  }
}

/** Bytes that memblock has not handed out. */
export function memblockLeft(memory: Memory): number {
  return memory.byteLength - Number(memory.loadBig64(BRK));
}

/** First byte that memblock has not handed out: where a page allocator may begin. */
export function memblockEnd(memory: Memory): number {
  return Number(memory.loadBig64(BRK));
}

function isPowerOfTwo(value: number): boolean {
  return (
    Number.isInteger(value) && value >= 1 && value <= 2 ** 31 && Number.isInteger(Math.log2(value))
  );
}

function outOfMemory(memory: Memory, size: number, align: number, brk: number): RangeError {
  return new RangeError(
    `memblockAlloc: out of memory: asked for ${size} bytes aligned to ${align}, ` +
      `left are ${memory.byteLength - brk} of ${memory.byteLength} (from ${hex(brk)}); give the machine more memory`,
  );
}
