/** How each access changes the store, by operation number. One thread: nothing here is atomic, and everything is. */
import type { Ptr } from '@percpu/memory';
import type { Value } from './access.ts';
import { OPERATIONS } from './operations.ts';
import type { OperationName } from './operations.ts';
import type { SimulatedStore } from './store.ts';

/** `a` and `b` are the access's further arguments. */
export type Perform = (store: SimulatedStore, at: Ptr, a: Value, b: Value) => Value | undefined;

const TWO_32 = 2 ** 32;

function read64(store: SimulatedStore, at: Ptr): number {
  const low = at >>> 2;
  return store.i32[low + 1]! * TWO_32 + store.u32[low]!;
}

function write64(store: SimulatedStore, at: Ptr, value: number): void {
  store.touch(at, 8);
  const low = at >>> 2;
  // Stores take a number modulo 2^32; rounding down gives a negative value its sign extension.
  store.u32[low] = value;
  store.i32[low + 1] = Math.floor(value / TWO_32);
}

const assign64: Perform = (store, at, a) => {
  write64(store, at, a as number);
  return undefined;
};

type View = 'u8' | 'u16' | 'u32' | 'f64';
const SHIFT: Readonly<Record<View, number>> = { u8: 0, u16: 1, u32: 2, f64: 3 };

const reads = (view: View): Perform => {
  const shift = SHIFT[view];
  return (store, at) => store[view][at >>> shift];
};

/** Stores what `next` makes of the old value, and returns the old value. */
const updates = (view: View, next: (old: number, a: number, b: number) => number): Perform => {
  const shift = SHIFT[view];
  return (store, at, a, b) => {
    const words = store[view];
    const old = words[at >>> shift]!;
    store.touch(at, 1 << shift);
    words[at >>> shift] = next(old, a as number, b as number);
    return old;
  };
};

const writes = (view: View): Perform => {
  const update = updates(view, (_old, a) => a);
  return (store, at, a, b) => {
    update(store, at, a, b);
    return undefined;
  };
};

const replaces = (_old: number, a: number): number => a;
const exchanges =
  (mask: number) =>
  (old: number, a: number, b: number): number =>
    old === (a & mask) >>> 0 ? b : old;

const updates64 =
  (next: (old: number, a: number, b: number) => number): Perform =>
  (store, at, a, b) => {
    const old = read64(store, at);
    write64(store, at, next(old, a as number, b as number));
    return old;
  };

const updatesBig =
  (next: (old: bigint, a: bigint, b: bigint) => bigint): Perform =>
  (store, at, a, b) => {
    const old = store.u64[at >>> 3]!;
    store.touch(at, 8);
    store.u64[at >>> 3] = next(old, a as bigint, b as bigint);
    return old;
  };

const table: Readonly<Partial<Record<OperationName, Perform>>> = {
  load: reads('u32'),
  store: writes('u32'),
  exchange: updates('u32', replaces),
  compareExchange: updates('u32', exchanges(-1)),
  fetchAdd: updates('u32', (old, a) => old + a),
  fetchAnd: updates('u32', (old, a) => old & a),
  fetchOr: updates('u32', (old, a) => old | a),
  fetchXor: updates('u32', (old, a) => old ^ a),
  load8: reads('u8'),
  store8: writes('u8'),
  exchange8: updates('u8', replaces),
  compareExchange8: updates('u8', exchanges(0xff)),
  load16: reads('u16'),
  store16: writes('u16'),
  exchange16: updates('u16', replaces),
  compareExchange16: updates('u16', exchanges(0xffff)),
  load64: read64,
  store64: assign64,
  exchange64: updates64(replaces),
  compareExchange64: updates64((old, a, b) => (old === a ? b : old)),
  fetchAdd64: updates64((old, a) => old + a),
  loadBig64: (store, at) => store.u64[at >>> 3],
  storeBig64: (store, at, a) => {
    store.touch(at, 8);
    store.u64[at >>> 3] = a as bigint;
    return undefined;
  },
  compareExchangeBig64: updatesBig((old, a, b) => (old === BigInt.asUintN(64, a) ? b : old)),
  fetchAddBig64: updatesBig((old, a) => old + a),
  read: reads('u32'),
  write: writes('u32'),
  readSigned: (store, at) => store.i32[at >>> 2],
  read8: reads('u8'),
  write8: writes('u8'),
  read16: reads('u16'),
  write16: writes('u16'),
  read64,
  write64: assign64,
  readF64: reads('f64'),
  writeF64: writes('f64'),
  copy: (store, to, from, bytes) => {
    if (bytes !== 0) store.touch(to, bytes as number);
    store.u8.copyWithin(to, from as number, (from as number) + (bytes as number));
    return undefined;
  },
  fill: (store, at, byte, bytes) => {
    if (bytes !== 0) store.touch(at, bytes as number);
    store.u8.fill(byte as number, at, at + (bytes as number));
    return undefined;
  },
};

/** By operation number; undefined for those that the clock carries out itself (wait, notify, now, pause, delay, choose). */
export const PERFORM: readonly (Perform | undefined)[] = Object.freeze(
  OPERATIONS.map(({ name }) => table[name as OperationName]),
);
