import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as seam from '../src/index.ts';
import type { Memory, Ptr } from '../src/index.ts';
import { EVERY_MODE, withLine } from './every-memory.ts';

/** The model: a bitmap as an array of booleans. */
const BITS = 128;

/** Bits in the middle of the line, so that what is written beside them would show. */
function bitmap(mode: object, bits: readonly boolean[]): { memory: Memory; at: Ptr } {
  const { memory, at } = withLine(mode);
  for (const [nr, bit] of bits.entries()) if (bit) seam.nonAtomicSetBit(memory, nr, at + 32);
  return { memory, at: at + 32 };
}

function bitsOf(memory: Memory, at: Ptr): boolean[] {
  return Array.from({ length: BITS }, (_, nr) => seam.testBit(memory, nr, at));
}

const someBits = fc.array(fc.boolean(), { minLength: BITS, maxLength: BITS });
/** All sorts of densities: searches are interesting where nearly all words are empty or full. */
const bits = fc.oneof(
  someBits,
  fc.uniqueArray(fc.nat(BITS - 1), { maxLength: 3 }).map((set) => pick(set, true)),
  fc.uniqueArray(fc.nat(BITS - 1), { maxLength: 3 }).map((clear) => pick(clear, false)),
);
const pick = (chosen: readonly number[], value: boolean): boolean[] =>
  Array.from({ length: BITS }, (_, nr) => chosen.includes(nr) === value);

type Change = (memory: Memory, nr: number, at: Ptr) => unknown;

const CHANGES: readonly (readonly [string, Change, (bit: boolean) => boolean, answers: boolean])[] =
  [
    ['setBit', seam.setBit, () => true, false],
    ['clearBit', seam.clearBit, () => false, false],
    ['changeBit', seam.changeBit, (bit) => !bit, false],
    ['testBit', seam.testBit, (bit) => bit, true],
    ['testAndSetBit', seam.testAndSetBit, () => true, true],
    ['testAndClearBit', seam.testAndClearBit, () => false, true],
    ['testAndChangeBit', seam.testAndChangeBit, (bit) => !bit, true],
    ['nonAtomicSetBit', seam.nonAtomicSetBit, () => true, false],
    ['nonAtomicClearBit', seam.nonAtomicClearBit, () => false, false],
    ['nonAtomicChangeBit', seam.nonAtomicChangeBit, (bit) => !bit, false],
    ['nonAtomicTestBit', seam.nonAtomicTestBit, (bit) => bit, true],
    ['nonAtomicTestAndSetBit', seam.nonAtomicTestAndSetBit, () => true, true],
    ['nonAtomicTestAndClearBit', seam.nonAtomicTestAndClearBit, () => false, true],
    ['nonAtomicTestAndChangeBit', seam.nonAtomicTestAndChangeBit, (bit) => !bit, true],
  ];

describe.each(EVERY_MODE)('%s', (_name, mode) => {
  test.each(CHANGES)('%s changes its bit only', (_operation, change, becomes, answers) => {
    fc.assert(
      fc.property(someBits, fc.nat(BITS - 1), (before, nr) => {
        const { memory, at } = bitmap(mode, before);
        const answer = change(memory, nr, at);
        expect(answer).toBe(answers ? before[nr] : undefined);
        expect(bitsOf(memory, at)).toEqual(before.with(nr, becomes(before[nr]!)));
        expect([memory.loadBig64(at - 8), memory.loadBig64(at + BITS / 8)]).toEqual([0n, 0n]);
      }),
      { numRuns: 20 },
    );
  });
});

test('searching finds what the naive search finds', () => {
  fc.assert(
    fc.property(bits, fc.nat(BITS), fc.nat(BITS), (all, size, offset) => {
      const { memory, at } = bitmap({ backend: 'atomics' }, all);
      const counted = all.slice(0, size);
      const orSize = (nr: number): number => (nr < 0 ? size : nr);
      const from = (value: boolean): number =>
        orSize(counted.findIndex((bit, nr) => nr >= offset && bit === value));
      expect({
        first: seam.findFirstBit(memory, at, size),
        firstZero: seam.findFirstZeroBit(memory, at, size),
        next: seam.findNextBit(memory, at, size, offset),
        nextZero: seam.findNextZeroBit(memory, at, size, offset),
        last: seam.findLastBit(memory, at, size),
      }).toEqual({
        first: orSize(counted.indexOf(true)),
        firstZero: orSize(counted.indexOf(false)),
        next: from(true),
        nextZero: from(false),
        last: orSize(counted.lastIndexOf(true)),
      });
    }),
    { numRuns: 500 },
  );
});

test('a search looks at no word beyond its bitmap', () => {
  const { memory } = withLine({ backend: 'atomics', checked: true });
  const lastWord = memory.byteLength - 4;
  for (const find of [seam.findFirstBit, seam.findFirstZeroBit, seam.findLastBit]) {
    memory.write(lastWord, find === seam.findFirstZeroBit ? 0xffff_ffff : 0);
    expect(find(memory, lastWord, 32)).toBe(32);
    expect(find(memory, memory.byteLength, 0)).toBe(0);
  }
});

test.each([
  // value,     ffs, fls, ffs0, fls0, ffz, weights of 8, 16, 32 bits
  [0, 0, 0, -1, -1, 0, 0, 0, 0],
  [1, 1, 1, 0, 0, 1, 1, 1, 1],
  [0x8000_0000, 32, 32, 31, 31, 0, 0, 0, 1],
  [0xffff_ffff, 1, 32, 0, 31, -1, 8, 16, 32],
  [-1, 1, 32, 0, 31, -1, 8, 16, 32],
  [0x7fff_ffff, 1, 31, 0, 30, 31, 8, 16, 31],
  [0x0001_8180, 8, 17, 7, 16, 0, 1, 3, 4],
])('bits of %i', (value, ffs, fls, ffs0, fls0, ffz, weight8, weight16, weight32) => {
  expect([
    seam.ffs(value),
    seam.fls(value),
    seam.ffs0(value),
    seam.fls0(value),
    seam.ffz(value),
    seam.hweight8(value),
    seam.hweight16(value),
    seam.hweight32(value),
  ]).toEqual([ffs, fls, ffs0, fls0, ffz, weight8, weight16, weight32]);
});

test('bits of any value, against its digits', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      const digits = value.toString(2);
      const ones = digits.replaceAll('0', '').length;
      expect(seam.hweight64(value)).toBe(ones);
      expect(seam.hweight64(value - 2n ** 64n)).toBe(ones);
      expect(seam.fls64(value)).toBe(value === 0n ? 0 : digits.length);
      const low = Number(value & 0xffff_ffffn);
      const lowDigits = low.toString(2).padStart(32, '0');
      expect(seam.hweight32(low)).toBe(lowDigits.replaceAll('0', '').length);
      expect(seam.ffs0(low)).toBe(low === 0 ? -1 : 31 - lowDigits.lastIndexOf('1'));
      expect(seam.fls0(low)).toBe(low === 0 ? -1 : 31 - lowDigits.indexOf('1'));
      expect(seam.ffz(low)).toBe(low === 0xffff_ffff ? -1 : 31 - lowDigits.lastIndexOf('0'));
    }),
  );
});
