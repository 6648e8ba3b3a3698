import { describe, expect, test } from 'vitest';
import {
  chooseBackend,
  createMemory,
  HEADER,
  Header,
  LAYOUT_VERSION,
  memblockAlloc,
  PAGE_SIZE,
  ROOT,
} from '../src/index.ts';
import type { MemoryOptions } from '../src/index.ts';
import { BYTES, EVERY_MODE, withLine } from './every-memory.ts';

const KIB = 1024;
const shared = (pages: number): WebAssembly.Memory =>
  new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });

test.each([
  // bytes asked, bytes got, or what is said
  [64 * KIB, 64 * KIB],
  [64 * KIB + 1, 128 * KIB],
  [1_000_000, 16 * 64 * KIB],
  [2 ** 32, 2 ** 32],
  [64 * KIB - 1, /65535 bytes; accepted are whole numbers from 65536 \(64 KiB\) to 4294967296/],
  [0, /: 0 bytes; accepted/],
  [-4096, /: -4096 bytes; accepted/],
  [1e5 + 0.5, /: 100000\.5 bytes; accepted/],
  [NaN, /: NaN bytes; accepted/],
  [Infinity, /: Infinity bytes; accepted/],
  [2 ** 32 + 1, /: 4294967297 bytes; accepted/],
  ['1 MiB' as unknown as number, /: 1 MiB bytes; accepted/],
])('createMemory of %s bytes', (bytes, outcome) => {
  const create = (): number => createMemory({ bytes, backend: 'atomics' }).byteLength;
  if (typeof outcome === 'number') expect(create()).toBe(outcome);
  else expect(create).toThrow(outcome);
});

test('a memory of 4 GiB works to its last byte', () => {
  for (const backend of ['atomics', 'wasm'] as const) {
    const memory = createMemory({ bytes: 2 ** 32, backend });
    memory.store(2 ** 32 - 4, 0xffff_ffff);
    memory.write64(2 ** 32 - 16, -2);
    expect([memory.read(2 ** 32 - 4), memory.load64(2 ** 32 - 16)]).toEqual([0xffff_ffff, -2]);
    const at = memblockAlloc(memory, 2 ** 32 - 4 * PAGE_SIZE, PAGE_SIZE);
    expect(at).toBe(2 * PAGE_SIZE);
    expect(() => memblockAlloc(memory, 4 * PAGE_SIZE)).toThrow(/left are 8192 of 4294967296/);
    expect(() => memory.load(2 ** 32)).toThrow(/out of range/);
  }
});

describe.each(EVERY_MODE)('%s', (_name, mode) => {
  test('says what it is', () => {
    const memory = createMemory({ bytes: BYTES, ...mode });
    expect([memory.backend, memory.checked, memory.byteLength]).toEqual([
      mode.backend,
      mode.checked,
      BYTES,
    ]);
    expect(memory.native).toBeInstanceOf(WebAssembly.Memory);
  });

  test.each(EVERY_MODE)('is seen through an attached %s', (_other, otherMode) => {
    const { memory, at } = withLine(mode);
    const other = createMemory({ native: memory.native!, ...otherMode });
    memory.store(at, 0xffff_fff0);
    other.store64(at + 8, -7);
    expect([other.fetchAdd(at, 32), memory.load(at), memory.read64(at + 8)]).toEqual([
      0xffff_fff0, 16, -7,
    ]);
    expect(other.byteLength).toBe(memory.byteLength);
  });

  test('starts zeroed outside its header', () => {
    const memory = createMemory({ bytes: BYTES, ...mode });
    for (let at = HEADER + Header.size; at < BYTES; at += 8) {
      if (memory.loadBig64(at) !== 0n) throw new Error(`word ${at} is not zero`);
    }
    expect(memory.load(ROOT)).toBe(0);
  });
});

test('checked is the default; auto takes the faster backend', () => {
  const memory = createMemory({ bytes: BYTES });
  expect(memory.checked).toBe(true);
  expect(['atomics', 'wasm']).toContain(memory.backend);
});

test('chooseBackend gives its reasons', () => {
  const { backend, nsPerAccess, refused } = chooseBackend();
  expect(refused).toBe(undefined);
  const { atomics, wasm } = nsPerAccess;
  expect(backend).toBe(wasm! < atomics! ? 'wasm' : 'atomics');
});

type Foreign = (options: { native: unknown }) => unknown;

test.each([
  ['no memory at all', {}, /native is no shared WebAssembly.Memory/],
  ['a bare buffer', new SharedArrayBuffer(BYTES), /native is no shared WebAssembly.Memory/],
  [
    'a memory that is not shared',
    new WebAssembly.Memory({ initial: 1, maximum: 1 }),
    /native is no shared WebAssembly.Memory/,
  ],
  ['an empty memory', shared(0), /native has 0 bytes/],
  ['a zeroed memory of somebody else', shared(1), /attach: not a percpu memory/],
])('attach refuses %s', (_case, native, message) => {
  const attach = createMemory as Foreign;
  expect(() => attach({ native })).toThrow(message);
});

test.each([
  ['another magic number', Header.magicHigh, 1, /not a percpu memory/],
  [
    'another version',
    Header.version,
    LAYOUT_VERSION + 1,
    /a memory of layout version 2, this is version 1; use one version of @percpu\/memory/,
  ],
  ['another size', Header.wasmPages, 3, /the header says 196608 bytes, the memory has 262144/],
])('attach refuses a header with %s', (_case, field, value, message) => {
  const memory = createMemory({ bytes: BYTES, backend: 'atomics' });
  memory.store(HEADER + field, value);
  expect(() => createMemory({ native: memory.native! })).toThrow(message);
});

test.each<[string, unknown, RegExp]>([
  ['neither bytes nor native', {}, /either bytes .* or native/],
  ['both', { bytes: BYTES, native: shared(1) }, /either bytes .* or native/],
  [
    'an unknown backend',
    { bytes: BYTES, backend: 'gpu' },
    /unknown backend "gpu"; accepted are "auto", "atomics", "wasm"/,
  ],
])('createMemory refuses %s', (_case, options, message) => {
  expect(() => createMemory(options as MemoryOptions & { bytes: number })).toThrow(message);
});
