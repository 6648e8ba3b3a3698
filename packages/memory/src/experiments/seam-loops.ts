/**
 * The measured loops of the experiment `seam`: each makes `count` accesses, spread over the `WORDS` words
 * from byte address `at` on, and returns something that depends on all of them.
 *
 * One function an operation and kind, although they look alike: V8 then compiles each for the one
 * memory that it has met.
 */
import type { Memory, Ptr } from '../memory.ts';

export type Operation =
  'load' | 'store' | 'add' | 'compare-exchange' | 'plain-read' | 'plain-write';

export type Loop = (at: Ptr, count: number) => number;

export type Loops = Readonly<Record<Operation, Loop>>;

/** A power of two. Several, so that no access has to wait for the one before on the same word. */
export const WORDS = 64;
export const AREA_BYTES: number = WORDS * 4;

const LAST = WORDS - 1;
const LAST_BYTE = LAST * 4;

/**
 * Through the seam. The address goes up in bytes where the bare loops' index goes up in words: a
 * mechanism adds a constant offset to an address, it does not multiply.
 */
export function seamLoops(memory: Memory): Loops {
  return {
    load: (at, count) => {
      let sum = 0;
      for (let b = 0; b < count * 4; b += 4) sum = (sum + memory.load(at + (b & LAST_BYTE))) | 0;
      return sum;
    },
    store: (at, count) => {
      for (let b = 0; b < count * 4; b += 4) memory.store(at + (b & LAST_BYTE), b);
      return 0;
    },
    add: (at, count) => {
      let sum = 0;
      for (let b = 0; b < count * 4; b += 4) {
        sum = (sum + memory.fetchAdd(at + (b & LAST_BYTE), 1)) | 0;
      }
      return sum;
    },
    'compare-exchange': (at, count) => {
      let sum = 0;
      for (let b = 0; b < count * 4; b += 4) {
        sum = (sum + memory.compareExchange(at + (b & LAST_BYTE), b, b + 4)) | 0;
      }
      return sum;
    },
    'plain-read': (at, count) => {
      let sum = 0;
      for (let b = 0; b < count * 4; b += 4) sum = (sum + memory.read(at + (b & LAST_BYTE))) | 0;
      return sum;
    },
    'plain-write': (at, count) => {
      for (let b = 0; b < count * 4; b += 4) memory.write(at + (b & LAST_BYTE), b);
      return 0;
    },
  };
}

/** Bare `Atomics.*`; who has nothing else reads and writes plain data with them too. */
export function atomicsLoops(words: Int32Array): Loops {
  const load: Loop = (at, count) => {
    const first = at >>> 2;
    let sum = 0;
    for (let i = 0; i < count; i++) sum = (sum + Atomics.load(words, first + (i & LAST))) | 0;
    return sum;
  };
  const store: Loop = (at, count) => {
    const first = at >>> 2;
    for (let i = 0; i < count; i++) Atomics.store(words, first + (i & LAST), i);
    return 0;
  };
  return {
    load,
    store,
    add: (at, count) => {
      const first = at >>> 2;
      let sum = 0;
      for (let i = 0; i < count; i++) sum = (sum + Atomics.add(words, first + (i & LAST), 1)) | 0;
      return sum;
    },
    'compare-exchange': (at, count) => {
      const first = at >>> 2;
      let sum = 0;
      for (let i = 0; i < count; i++) {
        sum = (sum + Atomics.compareExchange(words, first + (i & LAST), i, i + 1)) | 0;
      }
      return sum;
    },
    'plain-read': load,
    'plain-write': store,
  };
}

/** Bare typed-array access: what plain accesses are held against. It is not atomic: two CPUs lose updates. */
export function typedArrayLoops(words: Int32Array): Loops {
  const read: Loop = (at, count) => {
    const first = at >>> 2;
    let sum = 0;
    for (let i = 0; i < count; i++) sum = (sum + words[first + (i & LAST)]!) | 0;
    return sum;
  };
  const write: Loop = (at, count) => {
    const first = at >>> 2;
    for (let i = 0; i < count; i++) words[first + (i & LAST)] = i;
    return 0;
  };
  return {
    load: read,
    store: write,
    add: (at, count) => {
      const first = at >>> 2;
      let sum = 0;
      for (let i = 0; i < count; i++) sum = (sum + words[first + (i & LAST)]!++) | 0;
      return sum;
    },
    'compare-exchange': (at, count) => {
      const first = at >>> 2;
      let sum = 0;
      for (let i = 0; i < count; i++) {
        const old = words[first + (i & LAST)]!;
        if (old === i) words[first + (i & LAST)] = i + 1;
        sum = (sum + old) | 0;
      }
      return sum;
    },
    'plain-read': read,
    'plain-write': write,
  };
}
