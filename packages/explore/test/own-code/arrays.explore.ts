/** Arrays of a user's own do under the explorer what they do everywhere: same answers, same contents, same refusals. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exploration } from '@percpu/experiment';
import { exploreSchedules, search } from '../../src/index.ts';
import { apply, KINDS } from './array-accesses.ts';
import type { Access, Arrays } from './array-accesses.ts';

const BYTES = 32;

/** Two views of one buffer, the second of another kind and not at its start. */
function viewsOf(first: (typeof KINDS)[number], second: (typeof KINDS)[number]): Arrays {
  // The types of some constructors know of no shared buffers.
  const shared = new SharedArrayBuffer(BYTES) as unknown as ArrayBuffer;
  return [new first(shared), new second(shared, 8, 1)];
}

/** One CPU's accesses, explored. The contents are added as the last answer. */
function explored(kinds: readonly [number, number], accesses: readonly Access[]): unknown[] {
  let answers: unknown[] = [];
  const { failures } = search(
    exploration<Arrays>({
      name: 'arrays',
      title: 'arrays',
      description: 'accesses of one CPU',
      on: 'memory',
      setup: () => viewsOf(KINDS[kinds[0]]!, KINDS[kinds[1]]!),
      programs: [
        (p, arrays) => {
          p.memory.load(0x1000);
          answers = apply(arrays, accesses);
        },
      ],
    }),
    { schedules: 1 },
  );
  expect(failures.map(({ finding }) => finding.message)).toEqual([]);
  return answers;
}

const access: fc.Arbitrary<Access> = fc.record({
  array: fc.nat({ max: 1 }),
  index: fc.nat({ max: 3 }),
  name: fc.constantFrom(
    'add',
    'and',
    'exchange',
    'load',
    'or',
    'store',
    'sub',
    'xor',
    'compareExchange',
    'get',
    'set',
    'increment',
  ),
  value: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  other: fc.integer({ min: -3, max: 3 }),
});

describe('one CPU cannot tell', () => {
  test('whatever it does to arrays of all kinds', () => {
    const kind = fc.nat({ max: KINDS.length - 1 });
    fc.assert(
      fc.property(fc.tuple(kind, kind), fc.array(access, { maxLength: 12 }), (kinds, accesses) => {
        const plain = apply(viewsOf(KINDS[kinds[0]]!, KINDS[kinds[1]]!), accesses);
        expect(explored(kinds, accesses)).toEqual(plain);
      }),
      { numRuns: 200 },
    );
  });
});

describe('what cannot be explored is refused', () => {
  test.each<[string, () => unknown, (array: Int32Array) => unknown, RegExp]>([
    [
      'memory from outside of setup',
      () => OUTSIDE,
      (array) => Atomics.load(array, 0),
      /made outside of setup/,
    ],
    [
      'waitAsync',
      () => undefined,
      (array) => Atomics.waitAsync(array, 0, 0),
      /waitAsync cannot be explored/,
    ],
    [
      'a wait that nobody could end',
      () => undefined,
      () => Atomics.wait(new BigInt64Array(new SharedArrayBuffer(8)), 0, 0n),
      /Atomics\.wait on BigInt64Array over a SharedArrayBuffer cannot be explored: accepted is an Int32Array/,
    ],
  ])('%s', (_title, own, act, message) => {
    const { failures } = search(
      exploration<Int32Array>({
        name: 'refused',
        title: 'refused',
        description: 'one access that is refused',
        on: 'memory',
        setup: () => (own() as Int32Array | undefined) ?? new Int32Array(new SharedArrayBuffer(8)),
        programs: [
          (p, array) => {
            p.memory.load(0x1000);
            act(array);
          },
        ],
      }),
      { schedules: 1 },
    );
    expect(failures[0]?.finding.message).toMatch(message);
  });
});

describe('a report shows the values', () => {
  test.each<[string, () => BigInt64Array | Float64Array, (array: never) => void, string[]]>([
    [
      '64-bit integers',
      () => new BigInt64Array(new SharedArrayBuffer(8)),
      (array: BigInt64Array) => (array[0] = array[0]! - 5n),
      ['read64 buffer0.int32[0] → 0', 'write64 buffer0.int32[0] = -5'],
    ],
    [
      'doubles',
      () => new Float64Array(new SharedArrayBuffer(8)),
      (array: Float64Array) => (array[0] = array[0]! + 0.5),
      ['readF64 buffer0.int32[0] → 0', 'writeF64 buffer0.int32[0] = 0.5'],
    ],
  ])('of %s', (_title, setup, act, shown) => {
    const { failures } = exploreSchedules(
      exploration<BigInt64Array | Float64Array>({
        name: 'shown',
        title: 'shown',
        description: 'a program that fails',
        on: 'memory',
        setup,
        programs: [
          (_p, array) => {
            act(array as never);
            throw new Error('look');
          },
        ],
      }),
    );
    for (const text of shown) expect(failures[0]?.table).toContain(text);
  });
});

const OUTSIDE = new Int32Array(new SharedArrayBuffer(8));
