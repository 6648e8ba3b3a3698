/**
 * `Atomics.*` and `array[index]` of a user's own code, as accesses of the seam. The transform (option `atomics`) sends them
 * here; arrays over ordinary buffers belong to one CPU and are left alone.
 */
import { R } from '@percpu/coroutine/runtime';
import type { AtomicsHooks, ElementHooks } from '@percpu/coroutine/runtime';
import type { Memory } from '@percpu/memory';
import { Op } from '@percpu/simulator';
import type { SimulatedMemory, SimulatedStore } from '@percpu/simulator';
import { ArrayWord, wordOps } from './array-word.ts';
import type { Action, SharedArray, WordOps } from './array-word.ts';
import { SharedBuffers } from './shared-buffers.ts';

type Numeric = number | bigint;
type Native = (array: SharedArray, index: number, ...values: Numeric[]) => unknown;
type Kind = 'load' | 'store' | 'exchange' | 'compareExchange';

/** What each function of Atomics does to its word, as far as others can tell. 32-bit sums and masks have accesses of their own. */
const KINDS = {
  load: 'load',
  store: 'store',
  exchange: 'exchange',
  compareExchange: 'compareExchange',
  add: 'exchange',
  sub: 'exchange',
  and: 'exchange',
  or: 'exchange',
  xor: 'exchange',
} as const satisfies Partial<Record<keyof typeof Atomics, Kind>>;

const NAMED_32: Readonly<Partial<Record<keyof typeof KINDS, number>>> = {
  add: Op.fetchAdd,
  and: Op.fetchAnd,
  or: Op.fetchOr,
  xor: Op.fetchXor,
};

const NS_PER_MS = 1e6;

/** The typed arrays of the user's own code that runs on the CPUs of one store. */
export class UserArrays {
  private readonly buffers: SharedBuffers;
  private readonly access: ArrayAccess;

  /** `memory`: that of plain code, over the same store. */
  constructor(store: SimulatedStore, memory: Memory) {
    this.buffers = new SharedBuffers(memory);
    this.access = new ArrayAccess(store, this.buffers);
  }

  /** Runs the set-up of a run, in plain code. From now on, in this thread, transformed code reaches arrays through here. */
  setUp<T>(setUp: () => T): T {
    R.atomics = this.access.atomics;
    R.elements = this.access.elements;
    this.buffers.clear();
    return this.buffers.during(setUp);
  }
}

class ArrayAccess {
  readonly atomics: AtomicsHooks;
  readonly elements: ElementHooks;
  private readonly store: SimulatedStore;
  private readonly buffers: SharedBuffers;

  constructor(store: SimulatedStore, buffers: SharedBuffers) {
    this.store = store;
    this.buffers = buffers;
    this.elements = {
      owns: (object) => isShared(object),
      get: (array, key) => this.element(array as SharedArray, key, undefined),
      set: (array, key, value) => this.element(array as SharedArray, key, { value }),
    };
    this.atomics = {
      ...(Object.fromEntries(
        Object.entries(KINDS).map(([name, kind]) => [
          name,
          this.atomic(name as keyof typeof KINDS, kind),
        ]),
      ) as AtomicsHooks),
      wait: (array: SharedArray, index: number, value: Numeric, timeout?: number) =>
        this.wait(array, index, value, timeout),
      notify: (array: SharedArray, index: number, count?: number) =>
        this.notify(array, index, count),
      pause: () => this.memory?.pause(),
      waitAsync: () => {
        throw new Error('Atomics.waitAsync cannot be explored: accepted is Atomics.wait');
      },
    };
  }

  /** That of the CPU whose code runs; undefined in `setup` and `after`, where accesses simply take place. */
  private get memory(): SimulatedMemory | undefined {
    const { running } = this.store;
    return running === undefined || running.immediate ? undefined : running;
  }

  private atomic(name: keyof typeof KINDS, kind: Kind): (...args: never[]) => unknown {
    const native = Reflect.get(Atomics, name) as Native;
    return (array: SharedArray, index: number, ...values: Numeric[]) => {
      if (!isShared(array)) return unsupervised(() => native(array, index, ...values));
      // Lets Atomics itself refuse what it refuses: an index out of range, a Float64Array.
      Atomics.load(array as Int32Array, index);
      const named = array.BYTES_PER_ELEMENT === 4 ? NAMED_32[name] : undefined;
      const [a = 0, b = 0] = values;
      const number = named ?? wordOps(array)[kind];
      return this.through(array, index, number, a, b, () => native(array, index, ...values));
    };
  }

  private element(
    array: SharedArray,
    key: PropertyKey,
    written: { value: unknown } | undefined,
  ): unknown {
    const target = array as unknown as Record<PropertyKey, unknown>;
    const index = typeof key === 'string' ? Number(key) : key;
    const inside =
      typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < array.length;
    if (!inside) {
      return unsupervised(() =>
        written === undefined ? target[key] : (target[key] = written.value),
      );
    }
    const ops: WordOps = wordOps(array);
    if (written === undefined)
      return this.through(array, index, ops.read, 0, 0, () => array[index]);
    const { value } = written;
    return this.through(
      array,
      index,
      ops.write,
      // What a report shows as written; what is no number, the array itself refuses.
      Number(value),
      0,
      () => (target[index] = value),
    );
  }

  private wait(array: SharedArray, index: number, value: Numeric, timeoutMs = Infinity): unknown {
    if (!(array instanceof Int32Array) || !isShared(array)) {
      throw new TypeError(
        `Atomics.wait on ${describe(array)} cannot be explored: accepted is an Int32Array over a SharedArrayBuffer`,
      );
    }
    Atomics.load(array, index);
    const timeout = Number.isNaN(timeoutMs) ? Infinity : Math.max(0, timeoutMs) * NS_PER_MS;
    return this.through(array, index, Op.wait, value, timeout, () => {
      if (array[index] !== (Number(value) | 0)) return 'not-equal';
      throw new Error(
        'Atomics.wait in setup or after: no other CPU runs there, so it would sleep for ever',
      );
    });
  }

  private notify(array: SharedArray, index: number, count = Infinity): unknown {
    if (!isShared(array)) return unsupervised(() => 0);
    Atomics.load(array as Int32Array, index);
    return this.through(array, index, Op.notify, Math.max(0, count), 0, () => 0);
  }

  private through(
    array: SharedArray,
    index: number,
    number: number,
    a: Numeric,
    b: Numeric,
    action: Action,
  ): unknown {
    const { memory } = this;
    if (memory === undefined) return unsupervised(action);
    const at =
      this.buffers.addressOf(array.buffer as unknown as SharedArrayBuffer) +
      array.byteOffset +
      index * array.BYTES_PER_ELEMENT;
    const word = new ArrayWord(this.store, at, array, index, action);
    return memory.through(word, number, at, a, b);
  }
}

function isShared(object: object): boolean {
  return ArrayBuffer.isView(object) && (object.buffer as unknown) instanceof SharedArrayBuffer;
}

/** Not an access: the site that was announced for it is taken back. */
function unsupervised<T>(act: () => T): T {
  R.site = 0;
  return act();
}

function describe(array: SharedArray): string {
  const kind = Object.prototype.toString.call(array).slice('[object '.length, -1);
  return `${kind} over ${isShared(array) ? 'a SharedArrayBuffer' : 'an ordinary buffer'}`;
}
