/** Users' own files: `Atomics` and typed arrays as they stand, with no `Memory`. */
import { afterEach, expect, test } from 'vitest';
import { begin, putOff, R, siteInfo, takeSite } from '../src/runtime/index.ts';
import { Ring } from './programs/direct-ring.ts';

afterEach(() => {
  R.atomics = undefined;
  R.elements = undefined;
});

function work(ring: Ring): (number | undefined | boolean)[] {
  return [ring.push(5), ring.push(7), ring.pop(), ring.pop(), ring.pop()];
}

const RESULT = [true, true, 5, 7, undefined];

test('without an engine the file does what it says', () => {
  const ring = new Ring(new SharedArrayBuffer(24));
  expect(work(ring)).toEqual(RESULT);
  expect([...ring.slots]).toEqual([5, 7, 0, 2]);
  expect(ring.names).toEqual(['pushed', 'first']);
});

/** An engine for arrays over one buffer, while a frame runs. */
function control(buffer: SharedArrayBuffer): string[] {
  const seen: string[] = [];
  const put = (make: () => unknown): unknown => {
    const site = takeSite();
    seen.push(siteInfo(site)!.text);
    pending = make;
    return putOff(site);
  };
  const hook =
    (name: 'load' | 'store' | 'add') =>
    (array: Int32Array, index: number, value = 0): unknown =>
      put(() => Atomics[name](array, index, value));
  R.atomics = { load: hook('load'), store: hook('store'), add: hook('add') };
  R.elements = {
    owns: (array) => ArrayBuffer.isView(array) && array.buffer === buffer,
    get: (array, index) => put(() => (array as Int32Array)[index as number]),
    set: (array, index, value) =>
      put(() => ((array as Int32Array)[index as number] = value as number)),
  };
  return seen;
}

let pending: () => unknown;

function drive<T>(ring: Ring, method: (this: Ring, ...args: never[]) => T, ...args: unknown[]): T {
  const frame = begin(method, ring, args);
  let step = frame.next();
  while (step.done !== true) step = frame.next(pending());
  return step.value;
}

test('under an engine each access is suspended, and the outcome is the same', () => {
  const buffer = new SharedArrayBuffer(24);
  const ring = new Ring(buffer);
  const seen = control(buffer);
  const push = (value: number): boolean => drive(ring, ring.push, value);
  const pop = (): number | undefined => drive(ring, ring.pop);
  expect([push(5), push(7), pop(), pop(), pop()]).toEqual(RESULT);
  expect(seen.slice(0, 8)).toEqual([
    'Atomics.load(this.head, 0)',
    'Atomics.load(this.head, 1)',
    'this.slots[head % 4] = value',
    'this.slots[3]',
    'this.slots[3] += 2',
    'this.slots[3]',
    expect.stringMatching(/^this.slots\[3\] *--/),
    'Atomics.store(this.head, 0, head + 1)',
  ]);
  R.elements = undefined;
  expect([...ring.slots]).toEqual([5, 7, 0, 2]);
  expect(ring.names).toEqual(['pushed', 'first']);
});

test('plain code cannot pass the engine by', () => {
  const buffer = new SharedArrayBuffer(24);
  const ring = new Ring(buffer);
  control(buffer);
  expect(() => ring.first).toThrow(/outside a controlled frame/);
  expect(() => new Ring(buffer)).toThrow(/outside a controlled frame/);
  expect(() => ring.push(1)).toThrow(/outside a controlled frame/);
});
