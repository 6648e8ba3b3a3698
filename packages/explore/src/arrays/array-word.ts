/** One element of a typed array over shared memory, as a word of simulated memory. */
import { Op } from '@percpu/simulator';
import type { ForeignWord, SimulatedStore } from '@percpu/simulator';
import type { Ptr } from '@percpu/memory';

export type SharedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** What is done to an element: reads or writes it natively, and returns what the code that asked gets. */
export type Action = () => unknown;

export class ArrayWord implements ForeignWord {
  private readonly store: SimulatedStore;
  private readonly at: Ptr;
  private readonly element: Uint8Array;
  private readonly action: Action;

  constructor(store: SimulatedStore, at: Ptr, array: SharedArray, index: number, action: Action) {
    const { BYTES_PER_ELEMENT: size, byteOffset, buffer } = array;
    this.store = store;
    this.at = at;
    this.element = new Uint8Array(buffer, byteOffset + index * size, size);
    this.action = action;
  }

  fetch(): void {
    this.store.touch(this.at, this.element.length);
    this.store.u8.set(this.element, this.at);
  }

  perform(): unknown {
    const answer = this.action();
    this.store.u8.set(this.element, this.at);
    return answer;
  }
}

/** Numbers of the accesses of the seam that do to a word of `size` bytes what is done here to an element. */
export interface WordOps {
  readonly load: number;
  readonly store: number;
  readonly exchange: number;
  readonly compareExchange: number;
  readonly read: number;
  readonly write: number;
}

/** By the size of an element. 64 bits are read and written as a double: see BIG_OPS. */
const WORD_OPS: Readonly<Record<number, WordOps>> = {
  1: {
    load: Op.load8,
    store: Op.store8,
    exchange: Op.exchange8,
    compareExchange: Op.compareExchange8,
    read: Op.read8,
    write: Op.write8,
  },
  2: {
    load: Op.load16,
    store: Op.store16,
    exchange: Op.exchange16,
    compareExchange: Op.compareExchange16,
    read: Op.read16,
    write: Op.write16,
  },
  4: {
    load: Op.load,
    store: Op.store,
    exchange: Op.exchange,
    compareExchange: Op.compareExchange,
    read: Op.read,
    write: Op.write,
  },
  8: {
    load: Op.loadBig64,
    store: Op.storeBig64,
    exchange: Op.fetchAddBig64,
    compareExchange: Op.compareExchangeBig64,
    read: Op.readF64,
    write: Op.writeF64,
  },
};

/** Of 64-bit integers. */
const BIG_OPS: WordOps = { ...WORD_OPS[8]!, read: Op.read64, write: Op.write64 };

function isBig(array: SharedArray): array is BigInt64Array | BigUint64Array {
  return array instanceof BigInt64Array || array instanceof BigUint64Array;
}

export function wordOps(array: SharedArray): WordOps {
  return isBig(array) ? BIG_OPS : WORD_OPS[array.BYTES_PER_ELEMENT]!;
}
