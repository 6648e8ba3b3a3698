import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemory } from '@percpu/memory';
import type { Memory } from '@percpu/memory';
import { OPERATIONS, SimulatedMemory, SimulatedStore } from '../src/index.ts';

/** Both memories hold the same 64 bytes that random accesses work on. */
const AREA = 0x2000;
const AREA_BYTES = 64;

const idle = { admit: () => true, carryOut: () => undefined, setUpTime: 0 };

const timeless = new Set(['wait', 'notify', 'now', 'pause', 'delay', 'choose', 'copy', 'fill']);
const words = OPERATIONS.filter(({ name }) => !timeless.has(name));

interface Access {
  readonly name: string;
  readonly args: readonly (number | bigint)[];
}

/** Any access with arguments that its width can hold. */
const access: fc.Arbitrary<Access> = fc.constantFrom(...words).chain(({ name, size }) => {
  const at = fc.nat({ max: AREA_BYTES / size - 1 }).map((index) => AREA + index * size);
  const value = valueFor(name, size);
  return fc.tuple(at, value, value).map(([where, a, b]) => ({ name, args: [where, a, b] }));
});

function valueFor(name: string, size: number): fc.Arbitrary<number | bigint> {
  if (name.includes('Big')) return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  if (name.endsWith('F64')) return fc.double();
  // Small, so that sums and compare-exchanges stay exact and meet each other.
  if (size === 8) return fc.integer({ min: -3, max: 3 });
  return fc.oneof(fc.nat({ max: 3 }), fc.integer({ min: 0, max: 2 ** (size * 8) - 1 }));
}

/** 64-bit words that a number cannot hold are another test's: in-between values are refused by one and rounded by the other. */
const sane = (name: string): boolean =>
  name.includes('64') && !name.includes('Big') && !name.includes('F64');

function run(memory: Memory, accesses: readonly Access[]): unknown[] {
  return accesses.map(({ name, args }) =>
    (memory[name as keyof Memory] as (...all: unknown[]) => unknown).call(memory, ...args),
  );
}

function contents(memory: Memory): number[] {
  return Array.from({ length: AREA_BYTES }, (_, i) => memory.read8(AREA + i));
}

function pair(): { simulated: Memory; native: Memory } {
  return {
    simulated: new SimulatedMemory(new SimulatedStore(1 << 16), 0, idle),
    native: createMemory({ bytes: 1 << 16, backend: 'atomics', checked: false }),
  };
}

describe('simulated accesses do what the real ones do', () => {
  test.each([
    ['words of up to 32 bits, doubles and BigInts', words.filter(({ name }) => !sane(name))],
    ['64-bit words as numbers', words.filter(({ name }) => sane(name))],
  ])('%s', (_title, kinds) => {
    const names = new Set(kinds.map(({ name }) => name));
    const some = fc.array(
      access.filter(({ name }) => names.has(name)),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(some, (accesses) => {
        const { simulated, native } = pair();
        expect(run(simulated, accesses)).toEqual(run(native, accesses));
        expect(contents(simulated)).toEqual(contents(native));
      }),
      { numRuns: 300 },
    );
  });

  test('copy and fill, overlapping too', () => {
    const { simulated, native } = pair();
    for (const memory of [simulated, native]) {
      for (let i = 0; i < 16; i++) memory.write8(AREA + i, i);
      memory.copy(AREA + 4, AREA, 12);
      memory.fill(AREA + 20, 0xab, 7);
      memory.fill(AREA + 40, 1, 0);
    }
    expect(contents(simulated)).toEqual(contents(native));
  });
});

describe('what a simulated memory refuses, as a checked one does', () => {
  const memory = new SimulatedMemory(new SimulatedStore(1 << 16), 0, idle);
  test.each([
    ['NULL', () => memory.load(0), /NULL pointer/],
    ['a misaligned word', () => memory.load(AREA + 2), /not aligned/],
    ['beyond the end', () => memory.write8(1 << 16, 1), /out of range/],
    ['a copy beyond the end', () => memory.copy(AREA, AREA, 1 << 16), /out of range/],
  ])('%s', (_title, access, message) => {
    expect(access).toThrow(message);
  });

  test('set-up that would sleep', () => {
    expect(memory.wait(AREA, 1)).toBe('not-equal');
    expect(() => memory.wait(AREA, 0)).toThrow(/set-up would sleep for ever/);
  });
});
