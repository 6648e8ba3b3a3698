import { expect, test } from 'vitest';
import {
  CACHE_LINE,
  CPU_NUMBER,
  createMemory,
  FIRST_FREE,
  memblockAlloc,
  memblockEnd,
  memblockLeft,
  PAGE_SIZE,
  percpuAlloc,
  percpuAttach,
  percpuInit,
  perCpuPtr,
} from '../src/index.ts';
import type { Memory } from '../src/index.ts';

const BYTES = 64 * 1024;
const small = (): Memory => createMemory({ bytes: BYTES, backend: 'atomics' });

test('memblock goes up, each at its alignment, and hands out the last byte', () => {
  const memory = small();
  const at = (size: number, align?: number): number => memblockAlloc(memory, size, align);
  expect([at(1), at(1), at(3, 1), at(8, 8), at(1, PAGE_SIZE)]).toEqual([
    FIRST_FREE,
    FIRST_FREE + CACHE_LINE,
    FIRST_FREE + CACHE_LINE + 1,
    FIRST_FREE + CACHE_LINE + 8,
    FIRST_FREE + PAGE_SIZE,
  ]);
  const left = memblockLeft(memory);
  expect([memblockEnd(memory), left]).toEqual([
    FIRST_FREE + PAGE_SIZE + 1,
    BYTES - FIRST_FREE - PAGE_SIZE - 1,
  ]);
  expect(at(left, 1)).toBe(BYTES - left);
  expect(memblockLeft(memory)).toBe(0);
});

test.each([
  // size, align, what is said
  [
    BYTES,
    1,
    /out of memory: asked for 65536 bytes aligned to 1, left are 57344 of 65536 \(from 0x00002000\)/,
  ],
  [57_345, 1, /out of memory/],
  [1, 65_536, /out of memory/],
  [0, 1, /a size of 0 bytes; accepted are whole numbers from 1/],
  [-8, 1, /a size of -8 bytes/],
  [1.5, 1, /a size of 1\.5 bytes/],
  [NaN, 1, /a size of NaN bytes/],
  [2 ** 53, 1, /a size of 9007199254740992 bytes/],
  [8, 3, /an alignment of 3; accepted are powers of two/],
  [8, 0, /an alignment of 0/],
  [8, -4, /an alignment of -4/],
  [8, 2 ** 32, /an alignment of 4294967296/],
])('memblockAlloc(%d, %d) is refused and takes nothing', (size, align, message) => {
  const memory = small();
  expect(() => memblockAlloc(memory, size, align)).toThrow(message);
  expect(memblockEnd(memory)).toBe(FIRST_FREE);
});

test('per-CPU areas: units on their own lines, one offset for all CPUs', () => {
  const memory = small();
  const areas = percpuInit(memory, 3, 300);
  expect([areas.nrCpus, areas.stride, areas.base % PAGE_SIZE]).toEqual([3, 384, 0]);
  const a = percpuAlloc(memory, areas, 4, 4);
  const b = percpuAlloc(memory, areas, 1, CACHE_LINE);
  expect([a, b]).toEqual([8, 128]);
  for (let cpu = 0; cpu < 3; cpu++) memory.write(perCpuPtr(areas, a, cpu), cpu * 11);
  const other = percpuAttach(memory, areas.at);
  expect(other).toEqual(areas);
  for (let cpu = 0; cpu < 3; cpu++) {
    expect(memory.load(perCpuPtr(other, CPU_NUMBER, cpu))).toBe(cpu);
    expect(memory.read(areas.base + cpu * areas.stride + a)).toBe(cpu * 11);
  }
});

test.each<[string, (m: Memory) => unknown, RegExp]>([
  ['no CPU', (m) => percpuInit(m, 0, 64), /0 CPUs; accepted are whole numbers from 1/],
  ['half a CPU', (m) => percpuInit(m, 1.5, 64), /1\.5 CPUs/],
  ['units too small', (m) => percpuInit(m, 1, 7), /units of 7 bytes; accepted .* from 8/],
  ['no room for the units', (m) => percpuInit(m, 64, 4096), /memblockAlloc: out of memory/],
  ['nothing', (m) => percpuAlloc(m, percpuInit(m, 1, 64), 0), /a size of 0 bytes/],
  ['an odd alignment', (m) => percpuAlloc(m, percpuInit(m, 1, 64), 4, 6), /an alignment of 6/],
  [
    'more than a line',
    (m) => percpuAlloc(m, percpuInit(m, 1, 64), 4, 256),
    /an alignment of 256; .* to 128/,
  ],
  [
    'more than is left',
    (m) => percpuAlloc(m, percpuInit(m, 1, 64), 121),
    /out of per-CPU memory: asked for 121 bytes aligned to 8, left are 120 of 128 per CPU; make the units larger/,
  ],
])('per-CPU areas refuse %s', (_case, act, message) => {
  expect(() => act(small())).toThrow(message);
});
