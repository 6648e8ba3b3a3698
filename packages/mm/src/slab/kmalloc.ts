/** Memory by size. Linux: kmalloc() and its kin. */
import { bug } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { hex, PAGE_SIZE } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { alreadyDone } from '../already-done.ts';
import { __GFP_ZERO, maySleep } from '../gfp.ts';
import type { AtomicGfp, Gfp, SleepingGfp } from '../gfp.ts';
import { allocPages, freePages, pageAddress, virtToPage } from '../page/index.ts';
import { MAX_ORDER, Page } from '../page/page-layout.ts';
import { kmemCacheAlloc } from './alloc.ts';
import { freeObject, pushed, slabFor } from './free.ts';
import { KMALLOC_MAX_CACHE_SIZE, kmallocIndex } from './kmalloc-sizes.ts';
import { KmemCache, Slab } from './slab-layout.ts';
import { slabView } from './slab-view.ts';

/** Linux: ZERO_SIZE_PTR. What an allocation of nothing returns: not NULL, but in the page that is never mapped. */
export const ZERO_SIZE_PTR: Ptr = 16;
/** Linux: KMALLOC_MAX_SIZE. */
export const KMALLOC_MAX_SIZE: number = PAGE_SIZE << MAX_ORDER;

/**
 * Linux: kmalloc(). At least `size` bytes, aligned to 8, or to the size if that is a power of two; 0 when there is no memory or
 * `size` is more than KMALLOC_MAX_SIZE. Contents: anything. Context and `site`: as `kmemCacheAlloc`.
 */
export function kmalloc(cpu: Cpu, size: number, flags: AtomicGfp, site?: number): Ptr;
export function kmalloc(cpu: Cpu, size: number, flags: SleepingGfp, site?: number): Sleeps<Ptr>;
export function kmalloc(cpu: Cpu, size: number, flags: Gfp, site?: number): Ptr | Sleeps<Ptr>;
export function kmalloc(cpu: Cpu, size: number, flags: Gfp, site = 0): Ptr | Sleeps<Ptr> {
  if (size > KMALLOC_MAX_CACHE_SIZE) return kmallocLarge(cpu, size, flags);
  const index = kmallocIndex(size);
  if (index === 0) return size === 0 ? as(flags, ZERO_SIZE_PTR) : badSize(cpu, 'kmalloc', size);
  const cache = slabView(cpu).kmalloc[index]!;
  return kmemCacheAlloc(cpu, cache, flags, site);
}

/** Linux: kzalloc(). As `kmalloc`, all zero. */
export function kzalloc(cpu: Cpu, size: number, flags: AtomicGfp, site?: number): Ptr;
export function kzalloc(cpu: Cpu, size: number, flags: SleepingGfp, site?: number): Sleeps<Ptr>;
export function kzalloc(cpu: Cpu, size: number, flags: Gfp, site = 0): Ptr | Sleeps<Ptr> {
  return kmalloc(cpu, size, (flags | __GFP_ZERO) as Gfp, site);
}

/** Linux: kcalloc(). Room for `n` elements of `size` bytes, all zero; 0 too when that is more than any memory has. */
export function kcalloc(cpu: Cpu, n: number, size: number, flags: AtomicGfp, site?: number): Ptr;
export function kcalloc(
  cpu: Cpu,
  n: number,
  size: number,
  flags: SleepingGfp,
  site?: number,
): Sleeps<Ptr>;
export function kcalloc(
  cpu: Cpu,
  n: number,
  size: number,
  flags: Gfp,
  site = 0,
): Ptr | Sleeps<Ptr> {
  // A product that is not exact is too large as well.
  return kmalloc(cpu, n * size, (flags | __GFP_ZERO) as Gfp, site);
}

/**
 * Linux: krealloc(). `size` bytes with the contents of `at`, which is freed when they move; 0 when there is no memory, and then
 * `at` stays. With `at` 0 as `kmalloc`, with a size of 0 as `kfree`.
 */
export function krealloc(cpu: Cpu, at: Ptr, size: number, flags: AtomicGfp, site?: number): Ptr;
export function krealloc(
  cpu: Cpu,
  at: Ptr,
  size: number,
  flags: SleepingGfp,
  site?: number,
): Sleeps<Ptr>;
export function krealloc(cpu: Cpu, at: Ptr, size: number, flags: Gfp, site = 0): Ptr | Sleeps<Ptr> {
  if (size === 0) {
    kfree(cpu, at, site);
    return as(flags, ZERO_SIZE_PTR);
  }
  const room = at === 0 ? 0 : ksize(cpu, at);
  if (room >= size) return as(flags, at);
  if (maySleep(flags)) return moveSleeping(cpu, at, room, { size, flags, site });
  return moved(cpu, at, room, kmalloc(cpu, size, flags, site), site);
}

interface Wanted {
  readonly size: number;
  readonly flags: SleepingGfp;
  readonly site: number;
}

function* moveSleeping(cpu: Cpu, at: Ptr, room: number, wanted: Wanted): Sleeps<Ptr> {
  const { size, flags, site } = wanted;
  return moved(cpu, at, room, yield* kmalloc(cpu, size, flags, site), site);
}

function moved(cpu: Cpu, from: Ptr, bytes: number, to: Ptr, site: number): Ptr {
  if (to === 0 || bytes === 0) return to;
  cpu.memory.copy(to, from, bytes);
  kfree(cpu, from, site);
  return to;
}

/** Linux: kfree(). What kmalloc or kmemCacheAlloc returned; 0 and ZERO_SIZE_PTR are ignored. Any context but NMI. Never sleeps. */
export function kfree(cpu: Cpu, at: Ptr, site = 0): void {
  if (at === 0 || at === ZERO_SIZE_PTR || pushed(cpu, 0, at)) return;
  const slab = slabFor(cpu, at);
  if (slab !== 0) return freeObject(cpu, cpu.memory.read(slab + Slab.cache), slab, at, site);
  const page = largePage(cpu, at, 'kfree');
  freePages(cpu, page, cpu.memory.read(page + Page.order));
}

/** Linux: ksize(). Bytes that there is room for at `at`: what was asked for, rounded up. Any context. */
export function ksize(cpu: Cpu, at: Ptr): number {
  if (at === 0 || at === ZERO_SIZE_PTR) return 0;
  const { memory } = cpu;
  const slab = slabFor(cpu, at);
  if (slab !== 0) return memory.read(memory.read(slab + Slab.cache) + KmemCache.objectSize);
  return PAGE_SIZE << memory.read(largePage(cpu, at, 'ksize') + Page.order);
}

/** The head page of what `kmallocLarge` returned. */
function largePage(cpu: Cpu, at: Ptr, caller: string): Ptr {
  const page = virtToPage(cpu, at);
  if (page === 0 || pageAddress(cpu, page) !== at || cpu.memory.read(page + Page.head) !== 0)
    bug(cpu, `${caller}: ${hex(at)} was not returned by kmalloc`);
  return page;
}

/** Linux: kmalloc_large(). */
function kmallocLarge(cpu: Cpu, size: number, flags: Gfp): Ptr | Sleeps<Ptr> {
  if (size > KMALLOC_MAX_SIZE) return as(flags, 0);
  const order = 32 - Math.clz32(Math.ceil(size / PAGE_SIZE) - 1);
  if (maySleep(flags)) return largeSleeping(cpu, flags, order);
  const page = allocPages(cpu, flags, order);
  return page === 0 ? 0 : pageAddress(cpu, page);
}

function* largeSleeping(cpu: Cpu, flags: SleepingGfp, order: number): Sleeps<Ptr> {
  const page = yield* allocPages(cpu, flags, order);
  return page === 0 ? 0 : pageAddress(cpu, page);
}

/** `value` in the form that `flags` promise. */
function as(flags: Gfp, value: Ptr): Ptr | Sleeps<Ptr> {
  return maySleep(flags) ? alreadyDone(value) : value;
}

function badSize(cpu: Cpu, caller: string, size: number): never {
  return bug(cpu, `${caller}: a size of ${size} bytes; accepted are whole numbers from 0`);
}
