/**
 * Bits of one value. Linux: include/asm-generic/bitops of 2.6.17. All on u32 unless they say otherwise;
 * a negative number is taken as in C.
 */

/** Bits of a bitmap word. Linux: BITS_PER_LONG of a 32-bit kernel. */
export const BITS_PER_WORD = 32;

/** Linux: ffs(). Number of the lowest set bit, counted from 1; 0 if none is set. */
export function ffs(value: number): number {
  return value === 0 ? 0 : ffs0(value) + 1;
}

/** Linux: fls(). Number of the highest set bit, counted from 1; 0 if none is set. */
export function fls(value: number): number {
  return BITS_PER_WORD - Math.clz32(value);
}

/** Linux: fls64(). As `fls`, for a 64-bit value. */
export function fls64(value: bigint): number {
  const high = highHalf(value);
  return high === 0 ? fls(lowHalf(value)) : BITS_PER_WORD + fls(high);
}

/** Linux: __ffs(). Lowest set bit, counted from 0. As in Linux there must be one: 0 gives -1 here. */
export function ffs0(value: number): number {
  // value & -value keeps the lowest bit only.
  return BITS_PER_WORD - 1 - Math.clz32(value & -value);
}

/** Linux: __fls(). Highest set bit, counted from 0. As in Linux there must be one: 0 gives -1 here. */
export function fls0(value: number): number {
  return fls(value) - 1;
}

/** Linux: ffz(). Lowest clear bit, counted from 0. As in Linux there must be one: all ones give -1 here. */
export function ffz(value: number): number {
  return ffs0(~value);
}

/** Linux: hweight32(). How many of the 32 bits are set. */
export function hweight32(value: number): number {
  // Sums of 2, 4, then 8 neighbouring bits side by side; the multiplication adds up the four bytes.
  const pairs = value - ((value >>> 1) & 0x5555_5555);
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  const bytes = (nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f;
  return Math.imul(bytes, 0x0101_0101) >>> 24;
}

/** Linux: hweight16(). How many of the low 16 bits are set. */
export function hweight16(value: number): number {
  return hweight32(value & 0xffff);
}

/** Linux: hweight8(). How many of the low 8 bits are set. */
export function hweight8(value: number): number {
  return hweight32(value & 0xff);
}

/** Linux: hweight64(). How many of the 64 bits are set. */
export function hweight64(value: bigint): number {
  return hweight32(lowHalf(value)) + hweight32(highHalf(value));
}

const lowHalf = (value: bigint): number => Number(BigInt.asUintN(32, value));
const highHalf = (value: bigint): number => Number(BigInt.asUintN(32, value >> 32n));
