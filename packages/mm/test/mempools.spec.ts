/** Memory pools on one CPU: the four flavours, sizes, what is refused; and shrinkers, failures on purpose, leaks. */
import type { Cpu, Sleeps } from '@percpu/machine';
import { Errno } from '@percpu/machine';
import { PAGE_SIZE } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import {
  __GFP_NOFAIL,
  __GFP_NORETRY,
  allocPages,
  failNth,
  failNthDone,
  freePages,
  gfp,
  GFP_ATOMIC,
  GFP_KERNEL,
  GFP_NOFS,
  GFP_NOWAIT,
  kmemCacheCreate,
  Mempool,
  mempoolAlloc,
  mempoolCreateKmallocPool,
  mempoolCreateKzallocPool,
  mempoolCreatePagePool,
  mempoolCreateSlabPool,
  mempoolDestroy,
  mempoolFree,
  mempoolResize,
  pageAddress,
  pagesOnList,
  registerShrinker,
  reportPageLeaks,
  setFault,
  Shrinker,
  unregisterShrinker,
  zoneInfo,
  __GFP_FS,
} from '../src/index.ts';
import { memblockAlloc } from '@percpu/memory';
import { oneCpu } from './support/one-cpu.ts';

const PAGES = { 'mm.pages': 64, 'mm.min_free': 0, 'mm.pcp.batch': 1, 'mm.pcp.high': 1 } as const;

const block = <T>(cpu: Cpu, body: Sleeps<T>): T => cpu.block(body);

/** Takes all pages that are left. */
function exhaust(cpu: Cpu): readonly Ptr[] {
  const pages: Ptr[] = [];
  for (;;) {
    const page = allocPages(cpu, GFP_NOWAIT, 0);
    if (page === 0) return pages;
    pages.push(page);
  }
}

const freeAll = (cpu: Cpu, pages: readonly Ptr[]): void => {
  for (const page of pages) freePages(cpu, page, 0);
};
const freeCount = (cpu: Cpu): number => zoneInfo(cpu).free + pagesOnList(cpu);

function* slabPool(cpu: Cpu, min: number): Sleeps<Ptr> {
  const cache = kmemCacheCreate(cpu, 'pool-test', 2048);
  return yield* mempoolCreateSlabPool(cpu, min, cache);
}

const FLAVOURS = [
  ['page', (cpu: Cpu, min: number) => mempoolCreatePagePool(cpu, min, 0)],
  ['kmalloc', (cpu: Cpu, min: number) => mempoolCreateKmallocPool(cpu, min, 2048)],
  ['kzalloc', (cpu: Cpu, min: number) => mempoolCreateKzallocPool(cpu, min, 2048)],
  ['slab', slabPool],
] as const;

describe.each(FLAVOURS)('a %s pool', (_name, create) => {
  test('keeps its minimum back for those to whom the allocator has nothing to give', () => {
    const cpu = oneCpu(PAGES);
    const pool = block(cpu, create(cpu, 3));
    const pages = exhaust(cpu);
    const got: Ptr[] = [];
    for (;;) {
      const element = mempoolAlloc(cpu, pool, GFP_NOWAIT);
      if (element === 0) break;
      got.push(element);
    }
    expect(got.length).toBeGreaterThanOrEqual(3);
    expect(new Set(got).size).toBe(got.length);
    expect(cpu.memory.load(pool + Mempool.curr)).toBe(0);
    for (const element of got) mempoolFree(cpu, pool, element);
    expect(cpu.memory.load(pool + Mempool.curr)).toBe(3);
    freeAll(cpu, pages);
    mempoolDestroy(cpu, pool);
  });

  test('grows and shrinks', () => {
    const cpu = oneCpu(PAGES);
    const pool = block(cpu, create(cpu, 2));
    const size = (min: number): number => {
      expect(block(cpu, mempoolResize(cpu, pool, min))).toBe(0);
      return cpu.memory.load(pool + Mempool.curr);
    };
    expect([size(5), size(1), size(3)]).toEqual([5, 1, 3]);
    mempoolDestroy(cpu, pool);
  });

  test('destroyed while an element is out', () => {
    const cpu = oneCpu(PAGES);
    const pool = block(cpu, create(cpu, 1));
    exhaust(cpu);
    while (mempoolAlloc(cpu, pool, GFP_NOWAIT) !== 0);
    expect(() => mempoolDestroy(cpu, pool)).toThrow(/1 of the 1 elements of pool .* are still out/);
  });

  test.each([0, -1, 1.5, 2 ** 21])('of %d elements is refused', (min) => {
    const cpu = oneCpu(PAGES);
    expect(() => block(cpu, create(cpu, min))).toThrow(
      /elements; accepted are whole numbers from 1/,
    );
  });
});

test('a pool that cannot be filled is no pool, and nothing is lost', () => {
  const cpu = oneCpu({ ...PAGES, 'mm.pages': 16 });
  const before = freeCount(cpu);
  expect(block(cpu, mempoolCreatePagePool(cpu, 40, 0))).toBe(0);
  // What is missing is a slab of kmalloc, which keeps it.
  expect(before - freeCount(cpu)).toBeLessThanOrEqual(2);
});

test('elements of a kzalloc pool are zero when they are new, and not zeroed again on reuse', () => {
  const cpu = oneCpu(PAGES);
  const pool = block(cpu, mempoolCreateKzallocPool(cpu, 1, 64));
  exhaust(cpu);
  let last = 0;
  for (;;) {
    const element = mempoolAlloc(cpu, pool, GFP_NOWAIT);
    if (element === 0) break;
    expect(cpu.memory.read(element)).toBe(0);
    last = element;
  }
  cpu.memory.write(last, 0x1234);
  mempoolFree(cpu, pool, last);
  const again = mempoolAlloc(cpu, pool, GFP_NOWAIT);
  expect([again, cpu.memory.read(again)]).toEqual([last, 0x1234]);
});

test('a task sleeps until an element is freed', () => {
  const cpu = oneCpu(PAGES);
  const pool = block(cpu, mempoolCreatePagePool(cpu, 1, 0));
  exhaust(cpu);
  const element = mempoolAlloc(cpu, pool, GFP_NOWAIT);
  const order: string[] = [];
  cpu.scheduler.start(
    'frees',
    (function* (): Sleeps<void> {
      yield;
      order.push('freed');
      mempoolFree(cpu, pool, element);
    })(),
  );
  const got = block(
    cpu,
    (function* (): Sleeps<Ptr> {
      const one = yield* mempoolAlloc(cpu, pool, GFP_KERNEL);
      order.push('got');
      return one;
    })(),
  );
  expect([got, order]).toEqual([element, ['freed', 'got']]);
});

describe('reclaim', () => {
  /** A cache of pages, which its shrinker gives back. */
  function cached(cpu: Cpu, needs = 0): { at: Ptr; pages: Ptr[]; asked: number[] } {
    const pages = [...exhaust(cpu)];
    const asked: number[] = [];
    const at = memblockAlloc(cpu.memory, Shrinker.size);
    const count = cpu.text.define('test_count', () => pages.length);
    const scan = cpu.text.define('test_scan', (on, _data, nr) => {
      asked.push(nr);
      const going = pages.splice(0, Math.min(nr, 8));
      freeAll(on, going);
      return going.length;
    });
    cpu.memory.write(at + Shrinker.countObjects, count);
    cpu.memory.write(at + Shrinker.scanObjects, scan);
    cpu.memory.write(at + Shrinker.needs, needs);
    block(cpu, registerShrinker(cpu, at));
    return { at, pages, asked };
  }

  test('a sleeping allocation shrinks caches, up to the high watermark', () => {
    const cpu = oneCpu({ ...PAGES, 'mm.min_free': 8 });
    const { pages } = cached(cpu);
    const page = block(cpu, allocPages(cpu, GFP_KERNEL, 0));
    expect(page).not.toBe(0);
    expect(zoneInfo(cpu).free).toBeGreaterThanOrEqual(zoneInfo(cpu).high);
    expect(pages.length).toBeGreaterThan(0);
  });

  test('an atomic one does not', () => {
    const cpu = oneCpu({ ...PAGES, 'mm.min_free': 8 });
    const { asked } = cached(cpu);
    while (allocPages(cpu, GFP_ATOMIC, 0) !== 0);
    expect(asked).toEqual([]);
  });

  test('GFP_NOFS leaves out shrinkers that call into a file system', () => {
    const cpu = oneCpu(PAGES);
    const { asked } = cached(cpu, __GFP_FS);
    expect(block(cpu, allocPages(cpu, gfp(GFP_NOFS, __GFP_NORETRY), 0))).toBe(0);
    expect(asked).toEqual([]);
    expect(block(cpu, allocPages(cpu, gfp(GFP_KERNEL, __GFP_NORETRY), 0))).not.toBe(0);
  });

  test('an unregistered shrinker is not asked', () => {
    const cpu = oneCpu(PAGES);
    const { at, asked } = cached(cpu);
    block(cpu, unregisterShrinker(cpu, at));
    expect(block(cpu, allocPages(cpu, gfp(GFP_KERNEL, __GFP_NORETRY), 0))).toBe(0);
    expect(asked).toEqual([]);
  });

  test('__GFP_NOFAIL waits for a page', () => {
    const cpu = oneCpu(PAGES);
    const [first] = exhaust(cpu);
    cpu.scheduler.start(
      'frees',
      (function* (): Sleeps<void> {
        yield;
        freePages(cpu, first!, 0);
      })(),
    );
    expect(block(cpu, allocPages(cpu, gfp(GFP_KERNEL, __GFP_NOFAIL), 0))).toBe(first);
  });
});

describe('failures on purpose', () => {
  const outcomes = (options: Parameters<typeof setFault>[2], n = 12): string => {
    const cpu = oneCpu(PAGES);
    setFault(cpu, 'fail_page_alloc', options);
    return Array.from({ length: n }, () => (allocPages(cpu, GFP_NOWAIT, 0) === 0 ? 'x' : '.')).join(
      '',
    );
  };
  test.each([
    ['all', { probability: 100 }, 'xxxxxxxxxxxx'],
    ['none', { probability: 0 }, '............'],
    ['each third', { probability: 100, interval: 3 }, '..x..x..x..x'],
    ['two of them', { probability: 100, times: 2 }, 'xx..........'],
    ['after 3 pages', { probability: 100, space: 3 * PAGE_SIZE + 1, times: 1 }, '...x........'],
    ['from here', { probability: 100, site: 'outcomes' }, 'xxxxxxxxxxxx'],
    ['from nowhere', { probability: 100, site: 'somewhere else' }, '............'],
    ['larger blocks only', { probability: 100, minOrder: 1 }, '............'],
  ] as const)('%s', (_name, options, expected) => {
    expect(outcomes(options)).toBe(expected);
  });

  test('by lot, the same each time', () => {
    const drawn = outcomes({ probability: 50 }, 40);
    expect(drawn).toMatch(/x/);
    expect(drawn).toMatch(/\./);
    expect(outcomes({ probability: 50 }, 40)).toBe(drawn);
  });

  test('as a boot parameter', () => {
    const cpu = oneCpu({ ...PAGES, 'mm.fail_page_alloc': '2,100,0,-1' });
    const got = [1, 2, 3, 4].map(() => allocPages(cpu, GFP_NOWAIT, 0) !== 0);
    expect(got).toEqual([true, false, true, false]);
    expect(() => allocPages(oneCpu({ 'mm.fail_page_alloc': '1,100' }), GFP_NOWAIT, 0)).toThrow(
      /accepted is interval,probability,space,times/,
    );
  });

  test.each([
    [{ probability: 101 }, /probability 101; accepted are whole numbers from 0 to 100/],
    [{ probability: 1, interval: 0 }, /interval 0; accepted are whole numbers from 1/],
    [{ probability: 1, times: -2 }, /times -2; accepted are whole numbers from -1/],
  ])('%o is refused', (options, message) => {
    expect(() => setFault(oneCpu(PAGES), 'failslab', options)).toThrow(message);
  });

  /** Everything in this package that allocates, one after the other; what it could not get, it does without. */
  function* everything(cpu: Cpu): Sleeps<string> {
    const page = yield* allocPages(cpu, GFP_KERNEL, 2);
    if (page !== 0) freePages(cpu, page, 2);
    for (const [, create] of FLAVOURS.slice(0, 3)) {
      const pool = yield* create(cpu, 2);
      if (pool === 0) return 'no pool';
      const resized = yield* mempoolResize(cpu, pool, 4);
      if (resized !== 0 && resized !== Errno.ENOMEM) throw new Error(`mempoolResize: ${resized}`);
      const element = mempoolAlloc(cpu, pool, GFP_ATOMIC);
      mempoolFree(cpu, pool, element);
      yield* mempoolResize(cpu, pool, 1);
      mempoolDestroy(cpu, pool);
    }
    return page === 0 ? 'no page' : 'all';
  }

  test('each call site survives its own failure, and loses nothing', () => {
    const ends: string[] = [];
    const cpu = oneCpu({ ...PAGES, 'mm.debug': true });
    block(cpu, everything(cpu));
    const before = reportPageLeaks(cpu).length;
    for (let n = 1; ; n++) {
      failNth(cpu, n);
      ends.push(block(cpu, everything(cpu)));
      if (!failNthDone(cpu)) break;
      expect(reportPageLeaks(cpu).length).toBe(before);
    }
    expect(ends[0]).toBe('no page');
    expect(ends).toContain('no pool');
    expect(ends.at(-1)).toBe('all');
    expect(ends.length).toBeGreaterThan(20);
  });
});

test('leaks at the end are told with their place', () => {
  const cpu = oneCpu({ ...PAGES, 'mm.debug': true });
  expect(reportPageLeaks(cpu)).toEqual([]);
  const page = allocPages(cpu, GFP_NOWAIT, 1);
  freePages(cpu, allocPages(cpu, GFP_NOWAIT, 0), 0);
  const leaks = reportPageLeaks(cpu);
  expect(leaks).toMatchObject([{ page, order: 1, references: 1, cpu: 0 }]);
  expect(leaks[0]!.site).toMatch(/mempools\.spec/);
  expect(pageAddress(cpu, page)).toBeGreaterThan(0);
});
