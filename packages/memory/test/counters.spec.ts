import { describe, expect, test } from 'vitest';
import * as seam from '../src/index.ts';
import type { Memory, Ptr } from '../src/index.ts';
import { EVERY_MODE, withLine } from './every-memory.ts';

type Step = (memory: Memory, at: Ptr) => unknown;

const MAX = 2 ** 31 - 1;
const MIN = -(2 ** 31);

/** The same promises for atomic_t and local_t: before, what is done with each, answer, after. */
const OPERATIONS: readonly (readonly [string, number, Step, Step, unknown, number])[] = [
  ['read', -5, (m, at) => seam.atomicRead(m, at), (m, at) => seam.localRead(m, at), -5, -5],
  [
    'set',
    3,
    (m, at) => seam.atomicSet(m, at, -4),
    (m, at) => seam.localSet(m, at, -4),
    undefined,
    -4,
  ],
  [
    'add',
    MAX,
    (m, at) => seam.atomicAdd(m, at, 1),
    (m, at) => seam.localAdd(m, at, 1),
    undefined,
    MIN,
  ],
  [
    'sub',
    MIN,
    (m, at) => seam.atomicSub(m, at, 1),
    (m, at) => seam.localSub(m, at, 1),
    undefined,
    MAX,
  ],
  [
    'sub of the least',
    0,
    (m, at) => seam.atomicSub(m, at, MIN),
    (m, at) => seam.localSub(m, at, MIN),
    undefined,
    MIN,
  ],
  ['inc', -1, (m, at) => seam.atomicInc(m, at), (m, at) => seam.localInc(m, at), undefined, 0],
  ['dec', 0, (m, at) => seam.atomicDec(m, at), (m, at) => seam.localDec(m, at), undefined, -1],
  [
    'add_return',
    MAX,
    (m, at) => seam.atomicAddReturn(m, at, 2),
    (m, at) => seam.localAddReturn(m, at, 2),
    MIN + 1,
    MIN + 1,
  ],
  [
    'sub_return',
    1,
    (m, at) => seam.atomicSubReturn(m, at, 3),
    (m, at) => seam.localSubReturn(m, at, 3),
    -2,
    -2,
  ],
  [
    'inc_return',
    -1,
    (m, at) => seam.atomicIncReturn(m, at),
    (m, at) => seam.localIncReturn(m, at),
    0,
    0,
  ],
  [
    'dec_return',
    0,
    (m, at) => seam.atomicDecReturn(m, at),
    (m, at) => seam.localDecReturn(m, at),
    -1,
    -1,
  ],
  [
    'sub_and_test: is 0',
    3,
    (m, at) => seam.atomicSubAndTest(m, at, 3),
    (m, at) => seam.localSubAndTest(m, at, 3),
    true,
    0,
  ],
  [
    'sub_and_test: is not',
    3,
    (m, at) => seam.atomicSubAndTest(m, at, 2),
    (m, at) => seam.localSubAndTest(m, at, 2),
    false,
    1,
  ],
  [
    'dec_and_test: is 0',
    1,
    (m, at) => seam.atomicDecAndTest(m, at),
    (m, at) => seam.localDecAndTest(m, at),
    true,
    0,
  ],
  [
    'dec_and_test: is not',
    0,
    (m, at) => seam.atomicDecAndTest(m, at),
    (m, at) => seam.localDecAndTest(m, at),
    false,
    -1,
  ],
  [
    'inc_and_test: is 0',
    -1,
    (m, at) => seam.atomicIncAndTest(m, at),
    (m, at) => seam.localIncAndTest(m, at),
    true,
    0,
  ],
  [
    'inc_and_test: is not',
    0,
    (m, at) => seam.atomicIncAndTest(m, at),
    (m, at) => seam.localIncAndTest(m, at),
    false,
    1,
  ],
  [
    'add_negative: is',
    1,
    (m, at) => seam.atomicAddNegative(m, at, -2),
    (m, at) => seam.localAddNegative(m, at, -2),
    true,
    -1,
  ],
  [
    'add_negative: is not',
    -1,
    (m, at) => seam.atomicAddNegative(m, at, 1),
    (m, at) => seam.localAddNegative(m, at, 1),
    false,
    0,
  ],
  ['xchg', -7, (m, at) => seam.atomicXchg(m, at, -8), (m, at) => seam.localXchg(m, at, -8), -7, -8],
  [
    'cmpxchg: matches',
    -7,
    (m, at) => seam.atomicCmpxchg(m, at, -7, 1),
    (m, at) => seam.localCmpxchg(m, at, -7, 1),
    -7,
    1,
  ],
  [
    'cmpxchg: does not',
    -7,
    (m, at) => seam.atomicCmpxchg(m, at, 7, 1),
    (m, at) => seam.localCmpxchg(m, at, 7, 1),
    -7,
    -7,
  ],
  [
    'add_unless: adds',
    5,
    (m, at) => seam.atomicAddUnless(m, at, -6, -1),
    (m, at) => seam.localAddUnless(m, at, -6, -1),
    true,
    -1,
  ],
  [
    'add_unless: does not',
    -1,
    (m, at) => seam.atomicAddUnless(m, at, 6, -1),
    (m, at) => seam.localAddUnless(m, at, 6, -1),
    false,
    -1,
  ],
  [
    'inc_not_zero: takes',
    -1,
    (m, at) => seam.atomicIncNotZero(m, at),
    (m, at) => seam.localIncNotZero(m, at),
    true,
    0,
  ],
  [
    'inc_not_zero: too late',
    0,
    (m, at) => seam.atomicIncNotZero(m, at),
    (m, at) => seam.localIncNotZero(m, at),
    false,
    0,
  ],
];

describe.each(EVERY_MODE)('%s', (_name, mode) => {
  test.each(OPERATIONS)('%s', (_operation, before, atomic, local, answer, after) => {
    for (const act of [atomic, local]) {
      const { memory, at } = withLine(mode);
      memory.store(at, before);
      expect(act(memory, at)).toBe(answer);
      expect(memory.readSigned(at)).toBe(after);
    }
  });
});

test('add_unless starts over when another CPU was faster', () => {
  const { memory, at } = withLine();
  memory.store(at, 4);
  // The other CPU changes the word between our load and our exchange, once.
  let interfered = false;
  const disturbed: Memory = Object.create(memory, {
    load: {
      value: (address: Ptr): number => {
        const seen = memory.load(address);
        if (!interfered) memory.fetchAdd(address, 10);
        interfered = true;
        return seen;
      },
    },
    compareExchange: { value: memory.compareExchange.bind(memory) },
  }) as Memory;
  expect(seam.atomicAddUnless(disturbed, at, 1, 0)).toBe(true);
  expect(memory.load(at)).toBe(15);
});
