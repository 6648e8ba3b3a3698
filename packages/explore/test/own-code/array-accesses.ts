/** Every access that code makes to a typed array, for a test that makes them plainly and explored. */
export const KINDS = [
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  Uint8ClampedArray,
  Float32Array,
  Float64Array,
] as const;

type AnyArray = InstanceType<(typeof KINDS)[number]>;
export type Arrays = readonly [AnyArray, AnyArray];

export interface Access {
  readonly array: number;
  readonly index: number;
  readonly name: string;
  readonly value: number;
  readonly other: number;
}

/** Makes the accesses in order. Returns what each answered (an error: its kind), and last what the first array holds. */
export function apply(arrays: Arrays, accesses: readonly Access[]): unknown[] {
  const answers: unknown[] = [];
  for (const access of accesses) {
    try {
      answers.push(applyOne(arrays[access.array]!, access));
    } catch (error) {
      answers.push((error as Error).name);
    }
  }
  const first = arrays[0];
  for (let i = 0; i <= first.length; i++) answers.push(first[i]);
  return answers;
}

function applyOne(given: AnyArray, { index, name, value, other }: Access): unknown {
  // The types of Atomics know nothing of arrays chosen at run time.
  const array = given as Int32Array;
  const big = given instanceof BigInt64Array || given instanceof BigUint64Array;
  const a = (big ? BigInt(value) : value) as number;
  const b = (big ? BigInt(other) : other) as number;
  switch (name) {
    case 'load':
      return Atomics.load(array, index);
    case 'store':
      return Atomics.store(array, index, a);
    case 'exchange':
      return Atomics.exchange(array, index, a);
    case 'compareExchange':
      return Atomics.compareExchange(array, index, b, a);
    case 'add':
      return Atomics.add(array, index, a);
    case 'sub':
      return Atomics.sub(array, index, a);
    case 'and':
      return Atomics.and(array, index, a);
    case 'or':
      return Atomics.or(array, index, a);
    case 'xor':
      return Atomics.xor(array, index, a);
    case 'get':
      return array[index];
    case 'set':
      return (array[index] = a);
    default:
      return array[index]!++;
  }
}
