/** Many objects at a time. Linux: kmem_cache_alloc_bulk(), kmem_cache_free_bulk(). */
import { bug } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { cacheFromObject, checkFree } from '../debug/slab-debug.ts';
import { maySleep } from '../gfp.ts';
import type { AtomicGfp, Gfp, SleepingGfp } from '../gfp.ts';
import { kmemCacheAlloc } from './alloc.ts';
import { freeObject, freeToSlab, slabFor } from './free.ts';
import { setFreePointer } from './free-pointer.ts';
import { CacheCpu, DEBUG_FLAGS, KmemCache, Slab } from './slab-layout.ts';
import { slabView } from './slab-view.ts';

/**
 * `count` objects in front of what is in `objects`, or none: false when there is no memory. Flags and context as
 * `kmemCacheAlloc`.
 */
export function kmemCacheAllocBulk(
  cpu: Cpu,
  cache: Ptr,
  flags: AtomicGfp,
  count: number,
  objects: Ptr[],
): boolean;
export function kmemCacheAllocBulk(
  cpu: Cpu,
  cache: Ptr,
  flags: SleepingGfp,
  count: number,
  objects: Ptr[],
): Sleeps<boolean>;
export function kmemCacheAllocBulk(
  cpu: Cpu,
  cache: Ptr,
  flags: Gfp,
  count: number,
  objects: Ptr[],
): boolean | Sleeps<boolean> {
  if (maySleep(flags)) return allocBulkSleeping(cpu, cache, flags, count, objects);
  const taken: Ptr[] = [];
  for (let i = 0; i < count; i++) {
    const object = kmemCacheAlloc(cpu, cache, flags);
    if (object === 0) return giveUp(cpu, cache, taken);
    taken.push(object);
  }
  objects.push(...taken);
  return true;
}

function* allocBulkSleeping(
  cpu: Cpu,
  cache: Ptr,
  flags: SleepingGfp,
  count: number,
  objects: Ptr[],
): Sleeps<boolean> {
  const taken: Ptr[] = [];
  for (let i = 0; i < count; i++) {
    const object = yield* kmemCacheAlloc(cpu, cache, flags);
    if (object === 0) return giveUp(cpu, cache, taken);
    taken.push(object);
  }
  objects.push(...taken);
  return true;
}

function giveUp(cpu: Cpu, cache: Ptr, taken: readonly Ptr[]): false {
  kmemCacheFreeBulk(cpu, cache, taken);
  return false;
}

/**
 * Gives objects of the cache back, in any order. Neighbours in the list that are of one slab go back together: with one
 * compare-exchange where the slab is not this CPU's. Any context but NMI.
 */
export function kmemCacheFreeBulk(cpu: Cpu, cache: Ptr, objects: readonly Ptr[], site = 0): void {
  let from = 0;
  while (from < objects.length) {
    const slab = slabFor(cpu, objects[from]!);
    if (slab === 0)
      bug(cpu, `kmem_cache_free_bulk: ${hex(objects[from]!)} is no object of a slab cache`);
    let to = from + 1;
    while (to < objects.length && slabFor(cpu, objects[to]!) === slab) to++;
    freeOfOneSlab(cpu, cache, slab, objects.slice(from, to), site);
    from = to;
  }
}

function freeOfOneSlab(
  cpu: Cpu,
  cache: Ptr,
  slab: Ptr,
  objects: readonly Ptr[],
  site: number,
): void {
  const { memory } = cpu;
  let home = memory.read(slab + Slab.cache);
  if (home !== cache) home = cacheFromObject(cpu, cache, home, objects[0]!);
  const debug = (memory.read(home + KmemCache.flags) & DEBUG_FLAGS) !== 0;
  const isOwn = memory.read(home + slabView(cpu).cpuOffset + CacheCpu.slab) === slab;
  if (isOwn || objects.length === 1) {
    for (const object of objects) freeObject(cpu, home, slab, object, site);
    return;
  }
  for (const [i, object] of objects.entries()) {
    if (debug) checkFree(cpu, home, slab, object, site);
    if (i > 0) setFreePointer(memory, home, objects[i - 1]!, object);
  }
  freeToSlab(cpu, home, slab, {
    first: objects[0]!,
    last: objects.at(-1)!,
    count: objects.length,
  });
}
