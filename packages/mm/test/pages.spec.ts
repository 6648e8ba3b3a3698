/** The page allocator on one CPU: what it hands out, what it refuses, what it says. */
import { readDmesg } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { PAGE_SIZE } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import {
  __GFP_MEMALLOC,
  __GFP_NORETRY,
  __GFP_NOMEMALLOC,
  __GFP_ZERO,
  allocPages,
  buddyInfo,
  compoundHead,
  freePages,
  getPage,
  gfp,
  GFP_ATOMIC,
  GFP_KERNEL,
  GFP_NOWAIT,
  memallocNoreclaimRestore,
  memallocNoreclaimSave,
  Page,
  pageAddress,
  pageCount,
  pagesOnList,
  putPage,
  virtToPage,
  zoneInfo,
} from '../src/index.ts';
import { oneCpu } from './support/one-cpu.ts';

const EXACT = { 'mm.min_free': 0, 'mm.pcp.batch': 1, 'mm.pcp.high': 2 } as const;
const dmesg = (cpu: Cpu): string =>
  readDmesg(cpu.memory, cpu.machine.dmesg)
    .lines.map(({ text }) => text)
    .join('\n');

describe('blocks', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'order %d: aligned to its size, all of it writable, and merged again',
    (order) => {
      const cpu = oneCpu({ ...EXACT, 'mm.pages': 2048, 'mm.debug': true });
      const before = buddyInfo(cpu);
      const page = allocPages(cpu, gfp(GFP_NOWAIT, __GFP_ZERO), order);
      const at = pageAddress(cpu, page);
      const bytes = PAGE_SIZE * 2 ** order;
      expect((at - pageAddress(cpu, virtToPage(cpu, at)) + bytes) % bytes).toBe(0);
      cpu.memory.fill(at, 0x5a, bytes);
      expect(compoundHead(cpu.memory, virtToPage(cpu, at + bytes - 1))).toBe(page);
      expect(zoneInfo(cpu).free + pagesOnList(cpu)).toBe(2048 - 2 ** order);
      freePages(cpu, page, order);
      if (order > 0) expect(buddyInfo(cpu)).toBe(before);
    },
  );

  test('/proc/buddyinfo: 13 pages are blocks of 8, 4 and 1', () => {
    const cpu = oneCpu({ ...EXACT, 'mm.pages': 13 });
    expect(buddyInfo(cpu).replace(/ +/g, ' ')).toBe('Node 0, zone Normal 1 0 1 1 0 0 0 0 0 0 0');
  });

  test('all pages can be had, each once, and the next allocation fails', () => {
    const cpu = oneCpu({ ...EXACT, 'mm.pages': 13 });
    const pages = Array.from({ length: 13 }, () => allocPages(cpu, GFP_NOWAIT, 0));
    expect(new Set(pages).size).toBe(13);
    expect(allocPages(cpu, GFP_NOWAIT, 0)).toBe(0);
    for (const page of pages) freePages(cpu, page, 0);
    expect(zoneInfo(cpu).free + pagesOnList(cpu)).toBe(13);
  });

  test('__GFP_ZERO on a page that was used', () => {
    const cpu = oneCpu({ ...EXACT, 'mm.pages': 4 });
    const dirty = allocPages(cpu, GFP_NOWAIT, 0);
    cpu.memory.fill(pageAddress(cpu, dirty), 0xff, PAGE_SIZE);
    freePages(cpu, dirty, 0);
    const page = allocPages(cpu, gfp(GFP_NOWAIT, __GFP_ZERO), 0);
    expect(page).toBe(dirty);
    expect(cpu.memory.read(pageAddress(cpu, page) + PAGE_SIZE - 4)).toBe(0);
  });
});

describe('references', () => {
  test('the last one frees', () => {
    const cpu = oneCpu({ ...EXACT, 'mm.pages': 8 });
    const page = allocPages(cpu, GFP_NOWAIT, 1);
    getPage(cpu, page);
    freePages(cpu, page, 1);
    expect([pageCount(cpu, page), zoneInfo(cpu).free]).toEqual([1, 6]);
    putPage(cpu, page);
    expect([pageCount(cpu, page), zoneInfo(cpu).free]).toEqual([0, 8]);
  });
});

describe('watermarks', () => {
  // 64 pages, min 16: low 20, high 24.
  const parameters = { ...EXACT, 'mm.pages': 64, 'mm.min_free': 16 };
  const left = (flags: typeof GFP_NOWAIT): number => {
    const cpu = oneCpu(parameters);
    while (allocPages(cpu, flags, 0) !== 0);
    return zoneInfo(cpu).free;
  };
  test.each([
    ['GFP_NOWAIT stops at min', GFP_NOWAIT, 16],
    ['GFP_ATOMIC at half of it, and a quarter less', GFP_ATOMIC, 6],
    ['__GFP_MEMALLOC takes the last', gfp(GFP_NOWAIT, __GFP_MEMALLOC), 0],
    ['unless __GFP_NOMEMALLOC', gfp(GFP_NOWAIT, __GFP_MEMALLOC, __GFP_NOMEMALLOC), 16],
  ])('%s', (_name, flags, expected) => {
    expect(left(flags)).toBe(expected);
  });

  test('a PF_MEMALLOC task may use the reserve, and what it gives back is reserve again', () => {
    const cpu = oneCpu(parameters);
    while (allocPages(cpu, GFP_NOWAIT, 0) !== 0);
    const was = memallocNoreclaimSave(cpu);
    const page = allocPages(cpu, GFP_NOWAIT, 0);
    memallocNoreclaimRestore(cpu, was);
    expect(page).not.toBe(0);
    freePages(cpu, page, 0);
    expect([pagesOnList(cpu), zoneInfo(cpu).free]).toEqual([0, 16]);
    expect(allocPages(cpu, GFP_NOWAIT, 0)).toBe(0);
  });
});

describe('bad input', () => {
  const cpu = (): Cpu => oneCpu({ ...EXACT, 'mm.pages': 16, 'mm.debug': true });

  test('order 11 is refused with a WARN that says what is accepted', () => {
    const one = cpu();
    expect(allocPages(one, GFP_NOWAIT, 11)).toBe(0);
    expect(dmesg(one)).toMatch(/order 11; accepted are orders up to 10/);
    expect(dmesg(one)).toMatch(/WARNING/);
  });

  test.each([
    ['order -1', (c: Cpu) => allocPages(c, GFP_NOWAIT, -1), /order -1; accepted are whole numbers/],
    ['order 0.5', (c: Cpu) => allocPages(c, GFP_NOWAIT, 0.5), /order 0.5; accepted/],
    ['free of NULL', (c: Cpu) => freePages(c, 0, 0), /0x00000000 is no struct page/],
    [
      'free of an address instead of its page',
      (c: Cpu) => freePages(c, pageAddress(c, allocPages(c, GFP_NOWAIT, 0)), 0),
      /is no struct page; .*virtToPage/,
    ],
    [
      'double free',
      (c: Cpu) => {
        const page = allocPages(c, GFP_NOWAIT, 0);
        freePages(c, page, 0);
        freePages(c, page, 0);
      },
      /double free, allocated by CPU 0 in .*pages\.spec.*, freed by CPU 0 in .*pages\.spec/,
    ],
    [
      'wrong order',
      (c: Cpu) => freePages(c, allocPages(c, GFP_NOWAIT, 2), 1),
      /freed with order 1, was allocated with order 2/,
    ],
    [
      'a tail page',
      (c: Cpu) => freePages(c, allocPages(c, GFP_NOWAIT, 2) + Page.size, 0),
      /not the first of its block/,
    ],
    [
      'a reference to a free page',
      (c: Cpu) => {
        const page = allocPages(c, GFP_NOWAIT, 0);
        freePages(c, page, 0);
        getPage(c, page);
      },
      /a reference to a page that is free/,
    ],
    [
      'use after free',
      (c: Cpu) => {
        const page = allocPages(c, GFP_NOWAIT, 0);
        const at = pageAddress(c, page);
        freePages(c, page, 0);
        c.memory.write(at + 8, 1);
      },
      /write of 4 bytes at .*use after free: .*allocated by CPU 0 in .*freed by CPU 0/,
    ],
    [
      'use of what was never allocated',
      (c: Cpu) => {
        const page = allocPages(c, GFP_NOWAIT, 0);
        c.memory.load(pageAddress(c, page + Page.size));
      },
      /never allocated/,
    ],
    [
      'GFP_KERNEL with a spin lock held',
      (c: Cpu) => {
        c.preemptDisable();
        allocPages(c, GFP_KERNEL, 0);
      },
      /sleeping function called from invalid context/,
    ],
  ])('%s', (_name, does, message) => {
    const one = cpu();
    expect(() => does(one)).toThrow(message);
  });

  test('a write into a free page that nobody saw: the poison tells', () => {
    const one = oneCpu({ ...EXACT, 'mm.pages': 16, 'mm.debug': true }, { checked: false });
    const page = allocPages(one, GFP_NOWAIT, 0);
    freePages(one, page, 0);
    one.memory.write(pageAddress(one, page) + 40, 7);
    expect(() => allocPages(one, GFP_NOWAIT, 0)).toThrow(
      /page poison overwritten: .*freed by CPU 0/,
    );
  });
});

test('a failure is reported, and silent with __GFP_NOWARN', () => {
  const cpu = oneCpu({ ...EXACT, 'mm.pages': 4 });
  while (allocPages(cpu, GFP_NOWAIT, 0) !== 0);
  expect(dmesg(cpu)).not.toMatch(/page allocation failure/);
  allocPages(cpu, GFP_ATOMIC, 1);
  expect(dmesg(cpu)).toMatch(/page allocation failure: order:1, mode:0x20/);
  expect(dmesg(cpu)).toMatch(/0 of 4 pages free/);
});

test('a sleeping allocation that fails returns 0, after all rounds', () => {
  const cpu = oneCpu({ ...EXACT, 'mm.pages': 4 });
  while (allocPages(cpu, GFP_NOWAIT, 0) !== 0);
  const page = cpu.block(allocPages(cpu, gfp(GFP_KERNEL, __GFP_NORETRY), 0));
  expect(page).toBe(0);
});
