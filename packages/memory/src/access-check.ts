/** The rules of checked memory: which addresses and values an access may have. */
import { PAGE_SIZE } from './memory.ts';
import type { Ptr } from './memory.ts';
import { hex, MemoryFault } from './memory-fault.ts';
import type { AccessKind } from './memory-fault.ts';

/**
 * Asked at every checked access that is in range: says why the bytes may not be touched (freed, never
 * allocated), or undefined. For allocators that know what is alive.
 */
export type LifeCheck = (at: Ptr, size: number, access: AccessKind) => string | undefined;

export class AccessCheck {
  readonly #byteLength: number;
  #lifeCheck: LifeCheck | undefined;

  constructor(byteLength: number) {
    this.#byteLength = byteLength;
  }

  setLifeCheck(lifeCheck: LifeCheck | undefined): void {
    this.#lifeCheck = lifeCheck;
  }

  /** A word of `size` bytes, aligned to its size. */
  word(operation: string, at: Ptr, size: number, access: AccessKind): void {
    this.range(operation, at, size, access);
    if (at % size !== 0) {
      throw fault(operation, at, size, access, `not aligned; accepted are multiples of ${size}`);
    }
  }

  range(operation: string, at: Ptr, size: number, access: AccessKind): void {
    if (!Number.isInteger(at) || at < 0) {
      throw fault(
        operation,
        at,
        size,
        access,
        'not an address; accepted are whole numbers from 0 to 2^32-1',
      );
    }
    if (!Number.isInteger(size) || size < 0) {
      throw fault(operation, at, size, access, 'not a length; accepted are whole numbers from 0');
    }
    if (at < PAGE_SIZE) {
      const what = at === 0 ? 'NULL pointer' : 'NULL pointer plus a field offset';
      throw fault(
        operation,
        at,
        size,
        access,
        `${what}; the first page is never mapped, ${this.#accepted()}`,
      );
    }
    if (at + size > this.#byteLength)
      throw fault(operation, at, size, access, `out of range; ${this.#accepted()}`);
    const dead = this.#lifeCheck?.(at, size, access);
    if (dead !== undefined) throw fault(operation, at, size, access, dead);
  }

  #accepted(): string {
    return `accepted are ${hex(PAGE_SIZE)} to ${hex(this.#byteLength - 1)}`;
  }

  /** A value for a word of `bits` bits (8, 16, 32): unsigned, or negative as in C. */
  value(operation: string, at: Ptr, bits: number, value: number): void {
    const limit = 2 ** bits;
    if (!Number.isInteger(value) || value >= limit || value < -limit / 2) {
      const why = `${value} is no ${bits}-bit value; accepted are whole numbers from ${-limit / 2} to ${limit - 1}`;
      throw fault(operation, at, bits / 8, 'value', why);
    }
  }

  value64(operation: string, at: Ptr, value: number): void {
    if (!Number.isSafeInteger(value)) {
      const why = `${value} is no exact 64-bit value; accepted are whole numbers from -(2^53-1) to 2^53-1, the …Big64 accesses take the rest`;
      throw fault(operation, at, 8, 'value', why);
    }
  }

  big64(operation: string, at: Ptr, value: bigint): void {
    if (typeof value !== 'bigint' || value < -(2n ** 63n) || value >= 2n ** 64n) {
      const why = `${value} is no 64-bit value; accepted are BigInts from -(2^63) to 2^64-1`;
      throw fault(operation, at, 8, 'value', why);
    }
  }

  /** The word at `at` holds more than a number can say. */
  exact64(operation: string, at: Ptr, value: number): number {
    if (!Number.isSafeInteger(value)) {
      const why = `the word holds about ${value}, which a number cannot hold exactly (limit ±(2^53-1)); use the …Big64 accesses`;
      throw fault(operation, at, 8, 'value', why);
    }
    return value;
  }

  duration(operation: string, ns: number): void {
    if (!(ns >= 0))
      throw new RangeError(`${operation}: ${ns} ns is no duration; accepted are numbers from 0`);
  }

  count(operation: string, at: Ptr, count: number): void {
    if (count !== Infinity && (!Number.isInteger(count) || count < 0)) {
      const why = `${count} is no number of waiters; accepted are whole numbers from 0, or Infinity`;
      throw fault(operation, at, 4, 'value', why);
    }
  }
}

function fault(
  operation: string,
  address: Ptr,
  size: number,
  access: AccessKind,
  why: string,
): MemoryFault {
  return new MemoryFault({ operation, address, size, access, why });
}
