import { describe, expect, test } from 'vitest';
import { createMemory, hex, MemoryFault, setLifeCheck } from '../src/index.ts';
import type { Memory, Ptr } from '../src/index.ts';
import { BYTES, EVERY_MODE, withLine } from './every-memory.ts';

type Access = (memory: Memory, at: Ptr) => unknown;

const LAYOUT = { layoutName: 'Word', size: 4, align: 4, fields: [] };

/** Every access of the seam that has an address, with the bytes it is aligned to. */
const ACCESSES: readonly (readonly [string, number, Access])[] = [
  ['load', 4, (m, at) => m.load(at)],
  ['store', 4, (m, at) => m.store(at, 1)],
  ['exchange', 4, (m, at) => m.exchange(at, 1)],
  ['compareExchange', 4, (m, at) => m.compareExchange(at, 0, 1)],
  ['fetchAdd', 4, (m, at) => m.fetchAdd(at, 1)],
  ['fetchAnd', 4, (m, at) => m.fetchAnd(at, 1)],
  ['fetchOr', 4, (m, at) => m.fetchOr(at, 1)],
  ['fetchXor', 4, (m, at) => m.fetchXor(at, 1)],
  ['load8', 1, (m, at) => m.load8(at)],
  ['store8', 1, (m, at) => m.store8(at, 1)],
  ['exchange8', 1, (m, at) => m.exchange8(at, 1)],
  ['compareExchange8', 1, (m, at) => m.compareExchange8(at, 0, 1)],
  ['load16', 2, (m, at) => m.load16(at)],
  ['store16', 2, (m, at) => m.store16(at, 1)],
  ['exchange16', 2, (m, at) => m.exchange16(at, 1)],
  ['compareExchange16', 2, (m, at) => m.compareExchange16(at, 0, 1)],
  ['load64', 8, (m, at) => m.load64(at)],
  ['store64', 8, (m, at) => m.store64(at, 1)],
  ['exchange64', 8, (m, at) => m.exchange64(at, 1)],
  ['compareExchange64', 8, (m, at) => m.compareExchange64(at, 0, 1)],
  ['fetchAdd64', 8, (m, at) => m.fetchAdd64(at, 1)],
  ['loadBig64', 8, (m, at) => m.loadBig64(at)],
  ['storeBig64', 8, (m, at) => m.storeBig64(at, 1n)],
  ['compareExchangeBig64', 8, (m, at) => m.compareExchangeBig64(at, 0n, 1n)],
  ['fetchAddBig64', 8, (m, at) => m.fetchAddBig64(at, 1n)],
  ['read', 4, (m, at) => m.read(at)],
  ['write', 4, (m, at) => m.write(at, 1)],
  ['readSigned', 4, (m, at) => m.readSigned(at)],
  ['read8', 1, (m, at) => m.read8(at)],
  ['write8', 1, (m, at) => m.write8(at, 1)],
  ['read16', 2, (m, at) => m.read16(at)],
  ['write16', 2, (m, at) => m.write16(at, 1)],
  ['read64', 8, (m, at) => m.read64(at)],
  ['write64', 8, (m, at) => m.write64(at, 1)],
  ['readF64', 8, (m, at) => m.readF64(at)],
  ['writeF64', 8, (m, at) => m.writeF64(at, 1)],
  ['copy', 1, (m, at) => m.copy(at, 8192, 1)],
  ['copy', 1, (m, at) => m.copy(8192, at, 1)],
  ['fill', 1, (m, at) => m.fill(at, 0, 1)],
  ['readOwn', 4, (m, at) => m.readOwn(at)],
  ['writeOwn', 4, (m, at) => m.writeOwn(at, 1)],
  ['wait', 4, (m, at) => m.wait(at, 1, 0)],
  ['notify', 4, (m, at) => m.notify(at)],
  ['describe', 1, (m, at) => m.describe(at, LAYOUT)],
];

const checkedModes = EVERY_MODE.filter(([, mode]) => mode.checked === true);

describe.each(checkedModes)('%s', (_name, mode) => {
  const memory = createMemory({ bytes: BYTES, ...mode });

  test.each(ACCESSES)(
    '%s refuses every address that it cannot touch',
    (operation, align, access) => {
      for (const [at, why] of [
        [0, 'NULL pointer; the first page is never mapped, accepted are 0x00001000 to 0x0003ffff'],
        [8, 'NULL pointer plus a field offset'],
        [4088, 'NULL pointer plus a field offset'],
        [BYTES, 'out of range; accepted are 0x00001000 to 0x0003ffff'],
        [2 ** 32 - 8, 'out of range'],
        [2 ** 32 + 8192, 'out of range'],
        [-8, 'not an address'],
        [8192.5, 'not an address'],
        [NaN, 'not an address'],
        [undefined as unknown as Ptr, 'not an address'],
      ] as const) {
        const fault = faultOf(() => access(memory, at));
        expect(fault.message).toContain(why);
        expect(fault.message).toContain(`at ${hex(at)}`);
        expect([fault.operation, fault.address]).toEqual([operation, at]);
      }
      if (align > 1) {
        const fault = faultOf(() => access(memory, 8192 + align / 2));
        expect(fault.message).toContain(`not aligned; accepted are multiples of ${align}`);
      }
      // The last word is still ours.
      if (operation !== 'describe') access(memory, BYTES - 8);
    },
  );

  test.each<[string, Access, RegExp]>([
    [
      'store: too large',
      (m, at) => m.store(at, 2 ** 32),
      /4294967296 is no 32-bit value; accepted are whole numbers from -2147483648 to 4294967295/,
    ],
    ['store: too negative', (m, at) => m.store(at, -(2 ** 31) - 1), /no 32-bit value/],
    ['store: fractional', (m, at) => m.store(at, 1.5), /1\.5 is no 32-bit value/],
    ['store: NaN', (m, at) => m.store(at, NaN), /NaN is no 32-bit value/],
    ['store: nothing', (m, at) => m.store(at, undefined as unknown as number), /undefined is no/],
    ['store8: 256', (m, at) => m.store8(at, 256), /no 8-bit value; .* from -128 to 255/],
    ['store16: 65536', (m, at) => m.store16(at, 65_536), /no 16-bit value/],
    ['exchange: Infinity', (m, at) => m.exchange(at, Infinity), /Infinity is no/],
    ['exchange8', (m, at) => m.exchange8(at, -129), /no 8-bit value/],
    ['exchange16', (m, at) => m.exchange16(at, 1e5), /no 16-bit value/],
    ['compareExchange: expected', (m, at) => m.compareExchange(at, 0.5, 0), /0\.5 is no/],
    ['compareExchange: replacement', (m, at) => m.compareExchange(at, 0, 0.5), /0\.5 is no/],
    ['compareExchange8: expected', (m, at) => m.compareExchange8(at, 300, 0), /300 is no 8-bit/],
    ['compareExchange8: replacement', (m, at) => m.compareExchange8(at, 0, 300), /300 is no 8-bit/],
    ['compareExchange16: expected', (m, at) => m.compareExchange16(at, 1e5, 0), /no 16-bit/],
    ['compareExchange16: replacement', (m, at) => m.compareExchange16(at, 0, 1e5), /no 16-bit/],
    ['fetchAdd', (m, at) => m.fetchAdd(at, 0.1), /0\.1 is no/],
    ['fetchAnd', (m, at) => m.fetchAnd(at, NaN), /NaN is no/],
    ['fetchOr', (m, at) => m.fetchOr(at, NaN), /NaN is no/],
    ['fetchXor', (m, at) => m.fetchXor(at, NaN), /NaN is no/],
    [
      'store64: beyond 2^53',
      (m, at) => m.store64(at, 2 ** 53),
      /9007199254740992 is no exact 64-bit value.*Big64/,
    ],
    ['store64: fractional', (m, at) => m.store64(at, 0.5), /no exact 64-bit/],
    ['exchange64', (m, at) => m.exchange64(at, -(2 ** 53)), /no exact 64-bit/],
    [
      'compareExchange64: expected',
      (m, at) => m.compareExchange64(at, 2 ** 60, 0),
      /no exact 64-bit/,
    ],
    ['compareExchange64: replacement', (m, at) => m.compareExchange64(at, 0, NaN), /no exact/],
    ['fetchAdd64', (m, at) => m.fetchAdd64(at, Infinity), /no exact 64-bit/],
    ['storeBig64: too large', (m, at) => m.storeBig64(at, 2n ** 64n), /is no 64-bit value/],
    ['storeBig64: too negative', (m, at) => m.storeBig64(at, -(2n ** 63n) - 1n), /is no 64-bit/],
    [
      'storeBig64: a number',
      (m, at) => m.storeBig64(at, 1 as unknown as bigint),
      /1 is no 64-bit value; accepted are BigInts/,
    ],
    ['compareExchangeBig64', (m, at) => m.compareExchangeBig64(at, 2n ** 64n, 0n), /no 64-bit/],
    ['fetchAddBig64', (m, at) => m.fetchAddBig64(at, 2n ** 64n), /no 64-bit/],
    ['write', (m, at) => m.write(at, 2 ** 33), /no 32-bit value/],
    ['write8', (m, at) => m.write8(at, 256), /no 8-bit value/],
    ['write16', (m, at) => m.write16(at, 2 ** 16), /no 16-bit value/],
    ['write64', (m, at) => m.write64(at, 2 ** 53), /no exact 64-bit/],
    ['writeOwn', (m, at) => m.writeOwn(at, 0.5), /0\.5 is no/],
    ['fill: no byte', (m, at) => m.fill(at, 256, 1), /256 is no 8-bit value/],
    ['fill: too long', (m, at) => m.fill(at, 0, BYTES), /out of range/],
    ['fill: negative length', (m, at) => m.fill(at, 0, -1), /not a length/],
    ['copy: target too short', (m, at) => m.copy(BYTES - 4, at, 8), /out of range/],
    ['copy: source too short', (m, at) => m.copy(at, BYTES - 4, 8), /out of range/],
    ['copy: fractional length', (m, at) => m.copy(at, at, 1.5), /not a length/],
    ['wait: expected', (m, at) => m.wait(at, 2 ** 32), /no 32-bit value/],
    ['notify: negative count', (m, at) => m.notify(at, -1), /-1 is no number of waiters/],
  ])('refuses a bad value: %s', (_case, access, message) => {
    const { memory: fresh, at } = withLine(mode);
    expect(faultOf(() => access(fresh, at)).message).toMatch(message);
    // It was refused before anything was done.
    expect(fresh.loadBig64(at)).toBe(0n);
  });

  test.each<[string, Access]>([
    ['load64', (m, at) => m.load64(at)],
    ['exchange64', (m, at) => m.exchange64(at, 1)],
    ['compareExchange64', (m, at) => m.compareExchange64(at, 1, 1)],
    ['fetchAdd64', (m, at) => m.fetchAdd64(at, 1)],
    ['read64', (m, at) => m.read64(at)],
  ])('%s of a word that no number can hold says so', (_name2, access) => {
    const { memory: fresh, at } = withLine(mode);
    fresh.storeBig64(at, 2n ** 60n);
    expect(faultOf(() => access(fresh, at)).message).toMatch(/word holds about .*Big64/);
  });

  test.each<[string, (m: Memory, at: Ptr) => unknown]>([
    ['wait: negative timeout', (m, at) => m.wait(at, 0, -1)],
    ['wait: NaN', (m, at) => m.wait(at, 0, NaN)],
    ['delay: negative', (m) => m.delay(-1)],
    ['delay: NaN', (m) => m.delay(NaN)],
  ])('%s is no duration', (_case, access) => {
    const { memory: fresh, at } = withLine(mode);
    expect(() => access(fresh, at)).toThrow(/is no duration; accepted are numbers from 0/);
  });

  test('life check: asked about every access in range, and its word is final', () => {
    const { memory: fresh, at } = withLine(mode);
    const asked: unknown[] = [];
    setLifeCheck(fresh, (address, size, access) => {
      asked.push([address, size, access]);
      return address === at ? 'freed by CPU 3' : undefined;
    });
    expect(faultOf(() => fresh.read64(at)).message).toBe(
      `read64 of 8 bytes at ${hex(at)}: freed by CPU 3`,
    );
    fresh.copy(at + 16, at + 8, 4);
    expect(asked).toEqual([
      [at, 8, 'read'],
      [at + 8, 4, 'read'],
      [at + 16, 4, 'write'],
    ]);
    expect(setLifeCheck(fresh, undefined)).toBe(true);
    expect(fresh.read64(at)).toBe(0);
  });
});

test('the trap that checked mode is for: fast mode loses the store in silence', () => {
  const fast = withLine({ backend: 'atomics', checked: false }).memory;
  fast.write(BYTES + 4, 7);
  expect(fast.read(BYTES + 4)).toBe(undefined);
  fast.write8(-1, 7);
  expect(fast.read8(BYTES - 1)).toBe(0);
  expect(setLifeCheck(fast, () => 'nobody asks')).toBe(false);

  const checked = withLine({ backend: 'atomics', checked: true }).memory;
  expect(() => checked.write(BYTES + 4, 7)).toThrow(MemoryFault);
  expect(() => checked.write8(-1, 7)).toThrow(MemoryFault);
});

test.each([
  [0, '0x00000000'],
  [0xdead_beef, '0xdeadbeef'],
  [2 ** 32, '0x100000000'],
  [-1, '-1'],
  [NaN, 'NaN'],
])('hex(%d) is %s', (at, text) => {
  expect(hex(at)).toBe(text);
});

function faultOf(act: () => unknown): MemoryFault {
  try {
    act();
  } catch (error) {
    if (error instanceof MemoryFault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
