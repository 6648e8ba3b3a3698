/** Slab caches and kmalloc, step by step: what they hand out, what they refuse, what they say. */
import { ticket } from '@percpu/locks';
import { offlineCpu, readDmesg } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { CACHE_LINE, PAGE_SIZE } from '@percpu/memory';
import { describe, expect, test } from 'vitest';
import * as mm from '../src/index.ts';
import { cpusWithMemories } from './support/own-memories.ts';

const { GFP_ATOMIC, GFP_KERNEL } = mm;

const dmesg = ({ memory, machine }: Cpu): string =>
  readDmesg(memory, machine.dmesg)
    .lines.map(({ text }) => text)
    .join('\n');

const one = (parameters = {}, checked = true): Cpu => cpusWithMemories(1, parameters, checked)[0]!;
const debugged = { 'mm.debug': true } as const;

describe('kmalloc', () => {
  // prettier-ignore
  test.each([
    // asked     index  room
    [1,          3,     8],
    [8,          3,     8],
    [9,          4,     16],
    [33,         6,     64],
    [64,         6,     64],
    [65,         1,     96],
    [97,         7,     128],
    [129,        2,     192],
    [193,        8,     256],
    [257,        9,     512],
    [4097,       13,    8192],
    [8192,       13,    8192],
  ])('%d bytes: index %d, room for %d', (size, index, room) => {
    const cpu = one();
    expect([mm.kmallocIndex(size), mm.kmallocSizeRoundup(size)]).toEqual([index, room]);
    const at = mm.kmalloc(cpu, size, GFP_ATOMIC);
    expect(mm.ksize(cpu, at)).toBe(room);
    expect(at % (Number.isInteger(Math.log2(room)) ? Math.min(room, PAGE_SIZE) : 8)).toBe(0);
    mm.kfree(cpu, at);
  });

  test.each([
    [8193, 3 * PAGE_SIZE + 1, 4 * PAGE_SIZE],
    [3 * PAGE_SIZE, 3 * PAGE_SIZE, 4 * PAGE_SIZE],
    [16 * PAGE_SIZE, 16 * PAGE_SIZE, 16 * PAGE_SIZE],
  ])('%d bytes and %d: whole pages', (_, size, room) => {
    const cpu = one();
    const at = mm.kzalloc(cpu, size, GFP_ATOMIC);
    expect([mm.ksize(cpu, at), at % PAGE_SIZE]).toEqual([room, 0]);
    cpu.memory.write(at + room - 4, 7);
    mm.kfree(cpu, at);
  });

  test('nothing, too much, and NULL', () => {
    const cpu = one();
    expect(mm.kmalloc(cpu, 0, GFP_ATOMIC)).toBe(mm.ZERO_SIZE_PTR);
    expect(mm.kmalloc(cpu, mm.KMALLOC_MAX_SIZE + 1, GFP_ATOMIC)).toBe(0);
    expect(mm.kcalloc(cpu, 2 ** 30, 2 ** 30, GFP_ATOMIC)).toBe(0);
    mm.kfree(cpu, 0);
    mm.kfree(cpu, mm.ZERO_SIZE_PTR);
    expect([mm.ksize(cpu, 0), mm.ksize(cpu, mm.ZERO_SIZE_PTR)]).toEqual([0, 0]);
  });

  test('kzalloc and kcalloc are zero, whatever was there; krealloc keeps it', () => {
    const cpu = one();
    const { memory } = cpu;
    const first = mm.kmalloc(cpu, 32, GFP_ATOMIC);
    memory.fill(first, 0xff, 32);
    mm.kfree(cpu, first);
    const again = mm.kcalloc(cpu, 4, 8, GFP_ATOMIC);
    expect(again).toBe(first);
    expect([0, 4, 28].map((offset) => memory.read(again + offset))).toEqual([0, 0, 0]);
    memory.write(again + 28, 42);
    expect(mm.krealloc(cpu, again, 30, GFP_ATOMIC)).toBe(again);
    const larger = mm.krealloc(cpu, again, 1000, GFP_ATOMIC);
    expect([memory.read(larger + 28), mm.ksize(cpu, larger)]).toEqual([42, 1024]);
    expect(mm.krealloc(cpu, larger, 0, GFP_ATOMIC)).toBe(mm.ZERO_SIZE_PTR);
    expect(mm.krealloc(cpu, 0, 8, GFP_ATOMIC)).not.toBe(0);
  });

  test('krealloc without memory leaves what there was', () => {
    const cpu = one();
    const at = mm.kmalloc(cpu, 8, GFP_ATOMIC);
    cpu.memory.write(at, 5);
    mm.setFault(cpu, 'failslab', { probability: 100 });
    expect(mm.krealloc(cpu, at, 100, GFP_ATOMIC)).toBe(0);
    mm.setFault(cpu, 'failslab', { probability: 0 });
    expect(cpu.memory.read(at)).toBe(5);
  });

  test('a task may sleep for memory, and makes no generator when it need not', () => {
    const cpu = one();
    const found = cpu.block(mm.kmalloc(cpu, 100, GFP_KERNEL));
    expect(mm.ksize(cpu, found)).toBe(128);
    expect(mm.kmalloc(cpu, 100, GFP_KERNEL)).not.toHaveProperty('gi_frame');
    expect(cpu.block(mm.kmalloc(cpu, 0, GFP_KERNEL))).toBe(mm.ZERO_SIZE_PTR);
    expect(mm.ksize(cpu, cpu.block(mm.krealloc(cpu, found, 300, GFP_KERNEL)))).toBe(512);
  });

  test.each([
    ['an address of nobody', 3 * PAGE_SIZE, /kfree: 0x00003000 was not returned by kmalloc/],
    ['an address far out', 0xf000_0000, /kfree: 0xf0000000 was not returned by kmalloc/],
  ])('kfree of %s', (_, at, message) => {
    expect(() => mm.kfree(one(), at)).toThrow(message);
  });
});

describe('caches', () => {
  // prettier-ignore
  test.each<[string, number, number, number, number, number]>([
    // case                        size   align  flags                     slot  start of a slot
    ['a byte',                     1,     0,     0,                        8,    8],
    ['odd sizes',                  100,   0,     0,                        104,  8],
    ['aligned',                    100,   64,    0,                        128,  64],
    ['on lines of its own',        100,   0,     mm.SLAB_HWCACHE_ALIGN,    128,  CACHE_LINE],
    ['small ones share a line',    20,    0,     mm.SLAB_HWCACHE_ALIGN,    32,   32],
    ['pointer behind the object',  64,    0,     mm.SLAB_TYPESAFE_BY_RCU,  72,   8],
    ['a page',                     4096,  4096,  0,                        4096, 4096],
  ])('%s: %d bytes', (_, size, align, flags, slot, multiple) => {
    const cpu = one();
    const cache = mm.kmemCacheCreate(cpu, 'kind', size, align, flags);
    const objects = Array.from({ length: 9 }, () => mm.kmemCacheAlloc(cpu, cache, GFP_ATOMIC));
    expect(objects.map((object) => object % multiple)).toEqual(objects.map(() => 0));
    expect(new Set(objects).size).toBe(9);
    expect(mm.readSlabinfo(cpu)[0]).toMatchObject({ name: 'kind', objectSize: slot });
    for (const object of objects) mm.kmemCacheFree(cpu, cache, object);
    mm.kmemCacheDestroy(cpu, cache);
    expect(mm.readSlabinfo(cpu)[0]!.name).not.toBe('kind');
  });

  // prettier-ignore
  test.each<[string, string, number, number, number, RegExp]>([
    ['zero-size',   'x',            0,       0,  0,      /kmem_cache_create\(x\) integrity check failed: a size of 0 bytes; accepted are whole numbers from 1 to 4194304/],
    ['too large',   'x',            2 ** 23, 0,  0,      /a size of 8388608 bytes/],
    ['no name',     '',             8,       0,  0,      /a name of 0 bytes; accepted are 1 to 36/],
    ['alignment',   'x',            8,       24, 0,      /an alignment of 24; accepted are powers of two up to 4096, and 0/],
    ['flags',       'x',            8,       0,  0x4000, /flags 0x00004000; accepted are the SLAB_… flags/],
  ])('%s is refused', (_, name, size, align, flags, message) => {
    expect(() => mm.kmemCacheCreate(one(), name, size, align, flags)).toThrow(message);
  });

  test('a constructor runs once for each object of a slab', () => {
    const cpu = one();
    const constructed: number[] = [];
    const ctor = cpu.text.define('count_me', (_cpu, object) => constructed.push(object));
    const cache = mm.kmemCacheCreate(cpu, 'made', 1000, 0, 0, ctor);
    for (let i = 0; i < 10; i++)
      mm.kmemCacheFree(cpu, cache, mm.kmemCacheAlloc(cpu, cache, GFP_ATOMIC));
    expect(constructed.length).toBe(new Set(constructed).size);
    expect(constructed.length).toBe(mm.readSlabinfo(cpu)[0]!.objectsPerSlab);
  });

  test('what one CPU frees, the other allocates', () => {
    const [first, second] = cpusWithMemories(2) as [Cpu, Cpu];
    const cache = mm.kmemCacheCreate(first, 'shared', 2048);
    const objects = [0, 1, 2, 3].map(() => mm.kmemCacheAlloc(first, cache, GFP_ATOMIC));
    // CPU 0 lets go of its full slab by needing another one.
    const third = mm.kmemCacheAlloc(first, cache, GFP_ATOMIC);
    mm.kmemCacheFree(second, cache, objects[1]!);
    expect(mm.kmemCacheAlloc(second, cache, GFP_ATOMIC)).toBe(objects[1]);
    expect(third).not.toBe(objects[1]);
  });

  test('a CPU that went offline keeps nobody from destroying a cache', () => {
    const [first, second] = cpusWithMemories(2) as [Cpu, Cpu];
    const cache = mm.kmemCacheCreate(first, 'left', 64);
    mm.kmemCacheFree(second, cache, mm.kmemCacheAlloc(second, cache, GFP_ATOMIC));
    offlineCpu(second);
    mm.kmemCacheDestroy(first, cache);
    expect(mm.readSlabinfo(first)[0]!.name).not.toBe('left');
  });

  test('bulk: all or none', () => {
    const cpu = one();
    const cache = mm.kmemCacheCreate(cpu, 'bulk', 256);
    const objects: number[] = [];
    expect(mm.kmemCacheAllocBulk(cpu, cache, GFP_ATOMIC, 100, objects)).toBe(true);
    expect(new Set(objects).size).toBe(100);
    mm.setFault(cpu, 'failslab', { probability: 100, interval: 20 });
    expect(mm.kmemCacheAllocBulk(cpu, cache, GFP_ATOMIC, 50, objects)).toBe(false);
    expect(objects.length).toBe(100);
    mm.setFault(cpu, 'failslab', { probability: 0 });
    mm.kmemCacheFreeBulk(cpu, cache, objects);
    mm.kmemCacheDestroy(cpu, cache);
    expect(mm.readSlabinfo(cpu)[0]!.name).not.toBe('bulk');
  });

  test('shrink gives empty slabs back', () => {
    const cpu = one();
    const cache = mm.kmemCacheCreate(cpu, 'thin', 1000);
    const objects: number[] = [];
    mm.kmemCacheAllocBulk(cpu, cache, GFP_ATOMIC, 40, objects);
    const kept = objects.pop()!;
    mm.kmemCacheFreeBulk(cpu, cache, objects);
    expect(mm.kmemCacheShrink(cpu, cache)).toBe(1);
    expect(mm.readSlabinfo(cpu)[0]).toMatchObject({ slabs: 1, activeObjects: 1 });
    mm.kmemCacheFree(cpu, cache, kept);
    expect(mm.kmemCacheShrink(cpu, cache)).toBe(0);
  });

  test('the fast paths in one call hand out what the plain ones do', () => {
    const handedOut = (checked: boolean): number[] => {
      const cpu = one({}, checked);
      const cache = mm.kmemCacheCreate(cpu, 'both', 200);
      const taken: number[] = [];
      const live: number[] = [];
      let random = 1;
      for (let i = 0; i < 3000; i++) {
        random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
        if (live.length === 0 || random >>> 31 === 0) {
          const object = mm.kmemCacheAlloc(cpu, cache, GFP_ATOMIC);
          taken.push(object);
          live.push(object);
        } else mm.kmemCacheFree(cpu, cache, live.splice(random % live.length, 1)[0]!);
      }
      mm.kmemCacheFreeBulk(cpu, cache, live);
      expect(mm.kmemCacheShrink(cpu, cache)).toBe(0);
      return taken;
    };
    expect(handedOut(false)).toEqual(handedOut(true));
  });

  test('SLAB_TYPESAFE_BY_RCU: slabs wait for whoever delays them, and readers may look meanwhile', () => {
    const cpu = one(debugged);
    const waiting: number[] = [];
    mm.setSlabFreeDelay(
      cpu,
      cpu.text.define('later', (_cpu, slab) => waiting.push(slab)),
    );
    const cache = mm.kmemCacheCreate(cpu, 'typesafe', 64, 0, mm.SLAB_TYPESAFE_BY_RCU);
    const object = mm.kmemCacheAlloc(cpu, cache, GFP_ATOMIC);
    cpu.memory.store(object, 11);
    mm.kmemCacheFree(cpu, cache, object);
    expect(cpu.memory.load(object)).toBe(11);
    mm.kmemCacheShrink(cpu, cache);
    expect(waiting.length).toBe(1);
    expect(cpu.memory.load(object)).toBe(11);
    mm.freeSlabNow(cpu, waiting[0]!);
    expect(() => cpu.memory.load(object)).toThrow(/use after free/);
  });

  test('/proc/slabinfo', () => {
    const cpu = one();
    const cache = mm.kmemCacheCreate(cpu, 'shown', 100);
    mm.kmemCacheAlloc(cpu, cache, GFP_ATOMIC);
    const lines = mm.slabinfo(cpu).split('\n');
    expect(lines[0]).toBe('slabinfo - version: 2.1');
    expect(lines[2]).toMatch(/^shown +39 +39 +104 +39 +1 : tunables +0 +0 +0 : slabdata +1 +1 +0$/);
    expect(lines.filter((line) => line.startsWith('kmalloc-')).length).toBe(13);
  });
});

describe('debugging', () => {
  function cacheAndObject(
    parameters = {},
    checked = true,
  ): { cpu: Cpu; cache: number; at: number } {
    const cpu = one({ ...debugged, ...parameters }, checked);
    const cache = mm.kmemCacheCreate(cpu, 'watched', 60);
    return { cpu, cache, at: mm.kmemCacheAlloc(cpu, cache, GFP_ATOMIC) };
  }
  const HISTORY =
    /Allocated in .*slab\.spec\.ts:\d+.* cpu=0 pid=\d+; Freed in .*slab\.spec\.ts:\d+.* cpu=0 pid=\d+/;

  test('double free', () => {
    const { cpu, cache, at } = cacheAndObject();
    mm.kmemCacheFree(cpu, cache, at);
    expect(() => mm.kmemCacheFree(cpu, cache, at)).toThrow(/watched: Object already free/);
    expect(dmesg(cpu)).toMatch(/BUG watched \(Not tainted\): Object already free/);
    expect(dmesg(cpu)).toMatch(/Freed in .*slab\.spec\.ts:\d+/);
  });

  test.each([
    ['use after free', 0, /slab-use-after-free: 0 bytes into, inside of the 60-byte object/],
    [
      'behind the object',
      60,
      /slab-out-of-bounds: 60 bytes into, to the right of the 60-byte object/,
    ],
  ])('%s: the access itself is reported', (_, offset, message) => {
    const { cpu, cache, at } = cacheAndObject();
    cpu.memory.write(at + 56, 1);
    if (offset === 0) mm.kmemCacheFree(cpu, cache, at);
    expect(() => cpu.memory.write(at + offset, 1)).toThrow(message);
    if (offset === 0) expect(() => cpu.memory.read(at)).toThrow(HISTORY);
  });

  test.each<[string, number, boolean, RegExp]>([
    [
      'a write after the free',
      8,
      true,
      /watched: Poison overwritten: 0x[0-9a-f]+ holds 0x1 instead of 0x6b/,
    ],
    [
      'a write behind the object',
      61,
      false,
      /watched: Right Redzone overwritten: 0x[0-9a-f]+ holds 0x1 instead of 0xcc/,
    ],
  ])('where nobody checks accesses, %s is found later', (_, offset, freed, message) => {
    const { cpu, cache, at } = cacheAndObject({}, false);
    if (freed) mm.kmemCacheFree(cpu, cache, at);
    cpu.memory.write8(at + offset, 1);
    expect(() =>
      freed ? mm.kmemCacheAlloc(cpu, cache, GFP_ATOMIC) : mm.kmemCacheFree(cpu, cache, at),
    ).toThrow(message);
  });

  test('an object goes back to the wrong cache: a warning, and it goes home', () => {
    const { cpu, cache, at } = cacheAndObject();
    const other = mm.kmemCacheCreate(cpu, 'other', 60);
    mm.kmemCacheFree(cpu, other, at);
    expect(dmesg(cpu)).toMatch(
      /cache_from_obj: Wrong slab cache\. other but object is from watched \(Allocated in .*slab\.spec\.ts/,
    );
    expect(() => mm.kmemCacheFree(cpu, cache, at)).toThrow(/Object already free/);
  });

  test('a pointer into an object', () => {
    const { cpu, cache, at } = cacheAndObject();
    expect(() => mm.kmemCacheFree(cpu, cache, at + 4)).toThrow(/Invalid object pointer 0x/);
    expect(() => mm.kmemCacheFree(cpu, cache, PAGE_SIZE)).toThrow(/is no object of a slab cache/);
  });

  test('destroyed with objects in use: told, and a late free still finds home', () => {
    const { cpu, cache, at } = cacheAndObject();
    mm.kmemCacheDestroy(cpu, cache);
    const told = dmesg(cpu);
    expect(told).toMatch(/BUG watched: Objects remaining in watched on __kmem_cache_shutdown\(\)/);
    expect(told).toMatch(/Object 0x[0-9a-f]+ Allocated in .*slab\.spec\.ts:\d+.* cpu=0/);
    expect(told).toMatch(/kmem_cache_destroy watched: Slab cache still has objects/);
    mm.kmemCacheFree(cpu, cache, at);
    expect(() => mm.kmemCacheAlloc(cpu, cache, GFP_ATOMIC)).toThrow(
      /is no cache, or one that was destroyed/,
    );
    expect(() => mm.kmemCacheDestroy(cpu, cache)).toThrow(
      /kmem_cache_destroy: 0x[0-9a-f]+ is no cache/,
    );
  });

  test('leaks at shutdown, by cache', () => {
    const { cpu, at } = cacheAndObject();
    const other = mm.kmalloc(cpu, 500, GFP_ATOMIC);
    const leaks = mm.reportSlabLeaks(cpu);
    expect(leaks.map(({ cache, object }) => [cache, object])).toEqual(
      expect.arrayContaining([
        ['watched', at],
        ['kmalloc-512', other],
      ]),
    );
    expect(leaks.length).toBe(2);
    expect(dmesg(cpu)).toMatch(/Objects remaining in watched at shutdown/);
  });

  test('freed with a lock in it that somebody holds', () => {
    const { cpu, cache, at } = cacheAndObject();
    ticket.init(cpu, at);
    ticket.lock(cpu, at);
    expect(() => mm.kmemCacheFree(cpu, cache, at)).toThrow(/held lock freed/);
    ticket.unlock(cpu, at);
    mm.kmemCacheFree(cpu, cache, at);
  });

  test('of one cache alone', () => {
    const cpu = one();
    const cache = mm.kmemCacheCreate(cpu, 'alone', 24, 0, mm.SLAB_RED_ZONE | mm.SLAB_STORE_USER);
    const at = mm.kmemCacheAlloc(cpu, cache, GFP_ATOMIC);
    mm.kmemCacheFree(cpu, cache, at);
    expect(() => mm.kmemCacheFree(cpu, cache, at)).toThrow(HISTORY);
  });

  test('without debugging the plainest double free is still told', () => {
    const cpu = one();
    const at = mm.kmalloc(cpu, 8, GFP_ATOMIC);
    mm.kfree(cpu, at);
    expect(() => mm.kfree(cpu, at)).toThrow(/double free of 0x/);
  });
});

describe('failures', () => {
  test('every allocation of a piece of code fails in turn, and each is survived', () => {
    const cpu = one(debugged);
    const cache = mm.kmemCacheCreate(cpu, 'walked', 3000);
    /** Takes three things or none. */
    const build = (): boolean => {
      const first = mm.kmemCacheAlloc(cpu, cache, GFP_ATOMIC);
      if (first === 0) return false;
      const second = mm.kmalloc(cpu, 5000, GFP_ATOMIC);
      if (second === 0) {
        mm.kmemCacheFree(cpu, cache, first);
        return false;
      }
      const third = mm.kzalloc(cpu, 20_000, GFP_ATOMIC);
      if (third !== 0) mm.kfree(cpu, third);
      mm.kfree(cpu, second);
      mm.kmemCacheFree(cpu, cache, first);
      return third !== 0;
    };
    let n = 1;
    for (; ; n++) {
      mm.failNth(cpu, n);
      const built = build();
      if (!mm.failNthDone(cpu)) break;
      expect(built).toBe(false);
      expect(mm.reportSlabLeaks(cpu)).toEqual([]);
      mm.kmemCacheShrink(cpu, cache);
    }
    expect(n).toBeGreaterThan(4);
  });
});
