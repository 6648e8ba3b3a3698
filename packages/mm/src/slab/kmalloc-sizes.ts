/**
 * The sizes that kmalloc has caches for. Linux: kmalloc_info. Index 1 and 2 are 96 and 192, which are no powers of
 * two; index n ≥ 3 is 2^n.
 */

/** Bytes by index; 0: no cache. */
export const KMALLOC_SIZES: readonly number[] = Object.freeze([
  ...[0, 96, 192, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192],
]);

/** Linux: KMALLOC_MAX_CACHE_SIZE. More comes in pages. */
export const KMALLOC_MAX_CACHE_SIZE = 8192;

/** Linux: KMALLOC_MIN_SIZE. */
const MIN_SIZE = 8;

/**
 * Linux: kmalloc_index(). Which of `KMALLOC_SIZES` holds `size` bytes, 1 to 13; 0 for a size of 0. `size` is a whole
 * number up to KMALLOC_MAX_CACHE_SIZE.
 */
export function kmallocIndex(size: number): number {
  if (size === 0) return 0;
  if (size <= MIN_SIZE) return 3;
  if (size > 64 && size <= 96) return 1;
  if (size > 128 && size <= 192) return 2;
  return 32 - Math.clz32(size - 1);
}

/** Linux: kmalloc_size_roundup(). What an allocation of `size` bytes really has room for, up to 8192. */
export function kmallocSizeRoundup(size: number): number {
  return KMALLOC_SIZES[kmallocIndex(size)]!;
}
