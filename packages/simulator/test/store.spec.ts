import { describe, expect, test } from 'vitest';
import { layout } from '@percpu/memory';
import { SimulatedStore } from '../src/index.ts';

const Pair = layout({ first: 'u32', second: 'u32' }, { name: 'Pair' });

describe('a store rewinds', () => {
  test('to zeroes when nothing was kept', () => {
    const store = new SimulatedStore(1 << 16);
    store.touch(0x2000, 4);
    store.u32[0x2000 >>> 2] = 7;
    store.rewind();
    expect(store.u32[0x2000 >>> 2]).toBe(0);
  });

  test('to the checkpoint, names included', () => {
    const store = new SimulatedStore(1 << 16);
    store.touch(0x2000, 4);
    store.u32[0x2000 >>> 2] = 7;
    store.describe(0x2000, Pair, 'kept');
    store.checkpoint();
    // A write across a page boundary makes both pages dirty.
    store.touch(0x2fff, 2);
    store.u8[0x2fff] = 1;
    store.u8[0x3000] = 1;
    store.u32[0x2000 >>> 2] = 8;
    store.describe(0x4000, Pair, 'forgotten');
    store.rewind();
    expect([store.u32[0x2000 >>> 2], store.u8[0x2fff], store.u8[0x3000]]).toEqual([7, 0, 0]);
    expect(store.names.nameOf(0x2004)).toBe('kept.second');
    expect(store.names.nameOf(0x4000)).toBe('0x00004000');
  });

  test('twin: a write that nobody announced stays', () => {
    const store = new SimulatedStore(1 << 16);
    store.checkpoint();
    store.u32[0x2000 >>> 2] = 7;
    store.rewind();
    expect(store.u32[0x2000 >>> 2]).toBe(7);
  });
});

test('the newest struct that covers an address names it', () => {
  const store = new SimulatedStore(1 << 16);
  store.describe(0x2000, Pair);
  store.describe(0x2000, Pair, 'newer');
  expect(store.names.nameOf(0x2000)).toBe('newer.first');
  expect(store.names.structOf(0x2005)).toBe('newer');
  expect(store.names.nameOf(0x2008)).toBe('0x00002008');
});

test.each([0, 1000, -65536, 65536.5, Infinity, 2 ** 33])(
  'a store of %s bytes is refused',
  (bytes) => {
    expect(() => new SimulatedStore(bytes)).toThrow(/accepted are whole numbers from 65536/);
  },
);
