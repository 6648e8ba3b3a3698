import { describe, expect, test } from 'vitest';
import type { Memory, Ptr } from '../src/index.ts';
import { EVERY_MODE, withLine } from './every-memory.ts';

type Step = (memory: Memory, at: Ptr) => unknown;

const MAX = Number.MAX_SAFE_INTEGER;

describe.each(EVERY_MODE)('%s', (_name, mode) => {
  test.each<[string, bigint, Step, unknown, bigint]>([
    // access                     64-bit word before       what is done                                  answers      word after
    ['load', 0xffff_fffen, (m, at) => m.load(at), 0xffff_fffe, 0xffff_fffen],
    ['load, upper half', 7n << 32n, (m, at) => m.load(at + 4), 7, 7n << 32n],
    ['store', -1n, (m, at) => m.store(at, 1), undefined, 0xffff_ffff_0000_0001n],
    ['store of a negative', 0n, (m, at) => m.store(at, -2), undefined, 0xffff_fffen],
    ['exchange', 0x8000_0000n, (m, at) => m.exchange(at, 5), 0x8000_0000, 5n],
    ['cmpxchg that matches', 4n, (m, at) => m.compareExchange(at, 4, 5), 4, 5n],
    ['cmpxchg that does not', 4n, (m, at) => m.compareExchange(at, 3, 5), 4, 4n],
    [
      'cmpxchg of a negative',
      0xffff_ffffn,
      (m, at) => m.compareExchange(at, -1, 5),
      0xffff_ffff,
      5n,
    ],
    ['fetchAdd', 4n, (m, at) => m.fetchAdd(at, 3), 4, 7n],
    ['fetchAdd wraps up', 0xffff_ffffn, (m, at) => m.fetchAdd(at, 1), 0xffff_ffff, 0n],
    ['fetchAdd wraps down', 0n, (m, at) => m.fetchAdd(at, -1), 0, 0xffff_ffffn],
    ['fetchAnd', 0xffff_ffffn, (m, at) => m.fetchAnd(at, ~8), 0xffff_ffff, 0xffff_fff7n],
    ['fetchOr', 0n, (m, at) => m.fetchOr(at, 1 << 31), 0, 0x8000_0000n],
    ['fetchXor', 0xf0f0_0000n, (m, at) => m.fetchXor(at, 0xffff_0000), 0xf0f0_0000, 0x0f0f_0000n],

    ['load8', 0xff00n, (m, at) => m.load8(at + 1), 0xff, 0xff00n],
    ['store8', 0n, (m, at) => m.store8(at + 3, -1), undefined, 0xff00_0000n],
    ['exchange8', 0x1234n, (m, at) => m.exchange8(at, 0xff), 0x34, 0x12ffn],
    [
      'cmpxchg8 that matches',
      0x1234n,
      (m, at) => m.compareExchange8(at + 1, 0x12, 5),
      0x12,
      0x534n,
    ],
    ['cmpxchg8 that does not', 0x1234n, (m, at) => m.compareExchange8(at, 0x12, 5), 0x34, 0x1234n],
    ['cmpxchg8 of a negative', 0xffn, (m, at) => m.compareExchange8(at, -1, -2), 0xff, 0xfen],
    ['load16', 0xfffe_0000n, (m, at) => m.load16(at + 2), 0xfffe, 0xfffe_0000n],
    ['store16', 0n, (m, at) => m.store16(at + 6, -1), undefined, 0xffff_0000_0000_0000n],
    ['exchange16', 0x1234n, (m, at) => m.exchange16(at, 0xffff), 0x1234, 0xffffn],
    ['cmpxchg16 that matches', 0xffffn, (m, at) => m.compareExchange16(at, 0xffff, 5), 0xffff, 5n],
    ['cmpxchg16 that does not', 6n, (m, at) => m.compareExchange16(at, 7, 5), 6, 6n],
    [
      'cmpxchg16 of a negative',
      0xffffn,
      (m, at) => m.compareExchange16(at, -1, -2),
      0xffff,
      0xfffen,
    ],

    ['load64', BigInt(-MAX), (m, at) => m.load64(at), -MAX, BigInt(-MAX)],
    ['store64', 0n, (m, at) => m.store64(at, MAX), undefined, BigInt(MAX)],
    ['store64 of a negative', 0n, (m, at) => m.store64(at, -1), undefined, -1n],
    ['exchange64', -5n, (m, at) => m.exchange64(at, 2 ** 40), -5, 2n ** 40n],
    ['cmpxchg64 that matches', -1n, (m, at) => m.compareExchange64(at, -1, 2 ** 33), -1, 2n ** 33n],
    ['cmpxchg64 that does not', 9n, (m, at) => m.compareExchange64(at, 8, 1), 9, 9n],
    [
      'cmpxchg64 looks at the upper half',
      1n << 32n,
      (m, at) => m.compareExchange64(at, 0, 1),
      2 ** 32,
      1n << 32n,
    ],
    ['fetchAdd64 carries', 0xffff_ffffn, (m, at) => m.fetchAdd64(at, 1), 0xffff_ffff, 1n << 32n],
    ['fetchAdd64 of a negative', 0n, (m, at) => m.fetchAdd64(at, -2), 0, -2n],

    ['loadBig64', -1n, (m, at) => m.loadBig64(at), 2n ** 64n - 1n, -1n],
    ['storeBig64', 0n, (m, at) => m.storeBig64(at, 2n ** 63n), undefined, -(2n ** 63n)],
    ['cmpxchgBig64', 1n, (m, at) => m.compareExchangeBig64(at, 1n, 2n ** 60n), 1n, 2n ** 60n],
    ['fetchAddBig64 wraps', -1n, (m, at) => m.fetchAddBig64(at, 1n), 2n ** 64n - 1n, 0n],

    ['read', 0xffff_fffen, (m, at) => m.read(at), 0xffff_fffe, 0xffff_fffen],
    ['write of a negative', 0n, (m, at) => m.write(at, -2), undefined, 0xffff_fffen],
    ['readSigned', 0xffff_fffen, (m, at) => m.readSigned(at), -2, 0xffff_fffen],
    ['read8', 0xff00n, (m, at) => m.read8(at + 1), 0xff, 0xff00n],
    ['write8', 0n, (m, at) => m.write8(at + 7, 0x80), undefined, -(2n ** 63n)],
    ['read16', 0xffff_0000n, (m, at) => m.read16(at + 2), 0xffff, 0xffff_0000n],
    ['write16', 0n, (m, at) => m.write16(at + 2, -1), undefined, 0xffff_0000n],
    ['read64 of a negative', -1n, (m, at) => m.read64(at), -1, -1n],
    ['read64 at the limit', BigInt(-MAX), (m, at) => m.read64(at), -MAX, BigInt(-MAX)],
    ['write64 of a negative', 0n, (m, at) => m.write64(at, -1), undefined, -1n],
    ['write64 at the limit', 0n, (m, at) => m.write64(at, -MAX), undefined, BigInt(-MAX)],
    ['write64 at the upper limit', 0n, (m, at) => m.write64(at, MAX), undefined, BigInt(MAX)],
    ['readF64', 0x3ff8n << 48n, (m, at) => m.readF64(at), 1.5, 0x3ff8n << 48n],
    ['writeF64', 0n, (m, at) => m.writeF64(at, -2), undefined, -(0x4000n << 48n)],
    ['readOwn', 0xffff_fffen, (m, at) => m.readOwn(at), 0xffff_fffe, 0xffff_fffen],
    ['writeOwn', 0n, (m, at) => m.writeOwn(at, 0xffff_fffe), undefined, 0xffff_fffen],
    ['fill', 0n, (m, at) => m.fill(at + 1, 0xab, 3), undefined, 0xabab_ab00n],
    [
      'copy forwards over itself',
      0x0003_0201n,
      (m, at) => m.copy(at + 1, at, 3),
      undefined,
      0x0302_0101n,
    ],
    [
      'copy backwards over itself',
      0x0302_0100n,
      (m, at) => m.copy(at, at + 1, 3),
      undefined,
      0x0303_0201n,
    ],
    ['copy of nothing', 5n, (m, at) => m.copy(at, at + 4, 0), undefined, 5n],
  ])('%s', (_access, before, act, answer, after) => {
    const { memory, at } = withLine(mode);
    memory.storeBig64(at + 8, BigInt.asUintN(64, before));
    expect(act(memory, at + 8)).toBe(answer);
    expect(BigInt.asIntN(64, memory.loadBig64(at + 8))).toBe(BigInt.asIntN(64, after));
    // Nothing beside it.
    expect([memory.loadBig64(at), memory.loadBig64(at + 16)]).toEqual([0n, 0n]);
  });
});
