import { describe, expect, expectTypeOf, test } from 'vitest';
import { array, cacheAligned, fieldAt, layout } from '../src/index.ts';
import type { Layout } from '../src/index.ts';

const TicketLock = layout({ next: 'u32', serving: 'u32' }, { name: 'TicketLock' });

const Queue = layout(
  {
    flags: 'u8',
    length: 'u16',
    lock: TicketLock,
    slots: array(TicketLock, 3),
    bytes: array('u8', 5),
    head: cacheAligned('ptr'),
    tail: cacheAligned('ptr'),
    when: 'u64',
    load: 'f64',
  },
  { name: 'Queue' },
);

test.each([
  // layout, offsets, size, alignment
  ['two words', TicketLock, { next: 0, serving: 4 }, 8, 4],
  [
    'padding inside and at the end',
    layout({ a: 'u8', b: 'u32', c: 'u8' }),
    { a: 0, b: 4, c: 8 },
    12,
    4,
  ],
  [
    'every scalar',
    layout({ a: 'i8', b: 'i16', c: 'i32', d: 'i64', e: 'f64', f: 'ptr' }),
    { a: 0, b: 2, c: 4, d: 8, e: 16, f: 24 },
    32,
    8,
  ],
  ['on its own lines', layout({ a: 'u8' }, { cacheAligned: true }), { a: 0 }, 128, 128],
  [
    'a field on its own lines',
    layout({ a: 'u8', b: cacheAligned('u8'), c: 'u8' }),
    { a: 0, b: 128, c: 256 },
    384,
    128,
  ],
  [
    'all of it',
    Queue,
    {
      flags: 0,
      length: 2,
      lock: 4,
      slots: 12,
      bytes: 36,
      head: 128,
      tail: 256,
      when: 384,
      load: 392,
    },
    512,
    128,
  ],
])('%s', (_case, one, offsets, size, align) => {
  expect(one).toMatchObject({ ...offsets, size, align });
  expect(one.fields.map(({ name, offset }) => [name, offset])).toEqual(Object.entries(offsets));
  expect(Object.isFrozen(one) && Object.isFrozen(one.fields)).toBe(true);
});

describe('fieldAt', () => {
  test.each([
    [0, 'Queue.flags'],
    [1, 'Queue.(padding)'],
    [3, 'Queue.length+1'],
    [8, 'Queue.lock.serving'],
    [12, 'Queue.slots[0].next'],
    [24, 'Queue.slots[1].serving'],
    [30, 'Queue.slots[2].next+2'],
    [40, 'Queue.bytes[4]'],
    [41, 'Queue.(padding)'],
    [131, 'Queue.head+3'],
    [132, 'Queue.(padding)'],
    [392, 'Queue.load'],
    [511, 'Queue.(padding)'],
    [512, 'Queue.(padding)'],
    [-1, 'Queue.(padding)'],
  ])('byte %i is %s', (offset, name) => {
    expect(fieldAt(Queue, offset)).toBe(name);
  });
});

const loose = layout as (fields: unknown, options?: unknown) => unknown;

test.each<[string, () => unknown, RegExp]>([
  ['no fields', () => layout({}, { name: 'Empty' }), /layout Empty: no fields/],
  [
    'a reserved name',
    () => loose({ size: 'u32' }, { name: 'Box' }),
    /layout Box: the field name "size" is reserved/,
  ],
  ['no identifier', () => loose({ 'two words': 'u32' }), /"two words" is no field name/],
  ['a number as name', () => loose({ 0: 'u32' }), /"0" is no field name/],
  [
    'an unknown type',
    () => loose({ a: 'u31' }, { name: 'Box' }),
    /layout Box\.a: unknown type "u31"; accepted are u8 i8 u16/,
  ],
  ['an inherited name as type', () => loose({ a: 'toString' }), /unknown type "toString"/],
  ['no type', () => loose({ a: null }), /unknown type null/],
  [
    'an object that is no type',
    () => loose({ a: { kind: 'list' } }),
    /unknown type {"kind":"list"}/,
  ],
  [
    'an unknown type in an array',
    () => loose({ a: { kind: 'array', element: 7, length: 1 } }),
    /unknown type 7/,
  ],
  [
    'an array of arrays',
    () => layout({ a: array(array('u8', 2), 2) }),
    /an array of arrays; put the inner array into a layout of its own/,
  ],
  ['an array of nothing', () => array('u8', 0), /a length of 0; accepted are whole numbers from 1/],
  ['half an element', () => array('u8', 1.5), /a length of 1\.5/],
  [
    'more than 4 GiB',
    () => layout({ a: array('u64', 2 ** 29 + 1) }),
    /4294967304 bytes; accepted are up to/,
  ],
])('refuses %s', (_case, make, message) => {
  expect(make).toThrow(message);
});

test('wrong names are type errors', () => {
  expectTypeOf(TicketLock.next).toEqualTypeOf<number>();
  expectTypeOf(TicketLock).not.toHaveProperty('owner');
  expectTypeOf<Layout<'next' | 'serving'>>().toEqualTypeOf<
    Layout<{ next: 'u32'; serving: 'u32' }>
  >();
  const byNames: Layout<'next' | 'serving'> = TicketLock;
  expect(byNames.serving).toBe(4);
});
