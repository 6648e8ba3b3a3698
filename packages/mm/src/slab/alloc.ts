/**
 * Objects are handed out. Linux: kmem_cache_alloc() and slab_alloc() of SLUB.
 *
 *   the CPU's list ─▶ what others freed to its slab ─▶ a slab of the partial list ─▶ a new slab
 *   no shared word     one compare-exchange            the cache's lock              the page allocator, may sleep
 */
import { bug, mightSleep } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { alreadyDone } from '../already-done.ts';
import { checkAlloc } from '../debug/slab-debug.ts';
import { shouldFail } from '../fault-injection/should-fail.ts';
import { __GFP_ZERO, maySleep } from '../gfp.ts';
import type { AtomicGfp, Gfp, SleepingGfp } from '../gfp.ts';
import { allocPages } from '../page/index.ts';
import { refill, useSlab } from './cpu-slab.ts';
import { getFreePointer } from './free-pointer.ts';
import { CacheCpu, DEBUG_FLAGS, KmemCache } from './slab-layout.ts';
import { makeSlab } from './slab-pages.ts';
import { slabView } from './slab-view.ts';

/**
 * Linux: kmem_cache_alloc(). An object of the cache, or 0: there is no memory. Contents: with a constructor as it left them,
 * or as the last owner did; else anything. With __GFP_ZERO zeroes, not for caches with a constructor. With atomic
 * flags any context but NMI; else task context, may sleep. `site` names the caller in reports; 0: found out.
 */
export function kmemCacheAlloc(cpu: Cpu, cache: Ptr, flags: AtomicGfp, site?: number): Ptr;
export function kmemCacheAlloc(
  cpu: Cpu,
  cache: Ptr,
  flags: SleepingGfp,
  site?: number,
): Sleeps<Ptr>;
export function kmemCacheAlloc(cpu: Cpu, cache: Ptr, flags: Gfp, site?: number): Ptr | Sleeps<Ptr>;
export function kmemCacheAlloc(cpu: Cpu, cache: Ptr, flags: Gfp, site = 0): Ptr | Sleeps<Ptr> {
  const view = slabView(cpu);
  const { steps, mm } = view;
  const object =
    steps === undefined || mm.faults.nth !== 0
      ? 0
      : steps.pop(cache, cache + view.cpuOffset, mm.faults.at) >>> 0;
  if (object === 0) return allocObserved(cpu, cache, flags, site);
  if ((flags & __GFP_ZERO) !== 0)
    cpu.memory.fill(object, 0, cpu.memory.read(cache + KmemCache.objectSize));
  return maySleep(flags) ? alreadyDone(object) : object;
}

/** With every look that there is. */
function allocObserved(cpu: Cpu, cache: Ptr, flags: Gfp, site: number): Ptr | Sleeps<Ptr> {
  if (maySleep(flags)) {
    if (cpu.memory.checked) mightSleep(cpu);
    const found = takeObject(cpu, cache, flags);
    if (found === NO_SLAB) return allocSleeping(cpu, cache, flags, site);
    return alreadyDone(found === 0 ? 0 : prepare(cpu, cache, found, flags, site));
  }
  const found = takeObject(cpu, cache, flags);
  if (found === NO_SLAB) return allocAtomic(cpu, cache, flags, site);
  return found === 0 ? 0 : prepare(cpu, cache, found, flags, site);
}

/** Linux: kmem_cache_zalloc(). As `kmemCacheAlloc`, all zero. */
export function kmemCacheZalloc(cpu: Cpu, cache: Ptr, flags: AtomicGfp, site?: number): Ptr;
export function kmemCacheZalloc(
  cpu: Cpu,
  cache: Ptr,
  flags: SleepingGfp,
  site?: number,
): Sleeps<Ptr>;
export function kmemCacheZalloc(cpu: Cpu, cache: Ptr, flags: Gfp, site = 0): Ptr | Sleeps<Ptr> {
  return kmemCacheAlloc(cpu, cache, (flags | __GFP_ZERO) as Gfp, site);
}

/** `takeObject`: only a new slab helps. No object is there. */
const NO_SLAB: Ptr = 1;

/** An object without new pages, `NO_SLAB`, or 0: it is to fail. */
function takeObject(cpu: Cpu, cache: Ptr, flags: Gfp): Ptr {
  const { memory } = cpu;
  const view = slabView(cpu);
  if (memory.read(cache + KmemCache.live) !== 1) notLive(cpu, cache);
  if (shouldFail(cpu, view.mm.faults, 'failslab', flags, memory.read(cache + KmemCache.objectSize)))
    return 0;
  const own = cache + view.cpuOffset;
  const irq = cpu.localIrqSave();
  let object = memory.read(own + CacheCpu.freelist);
  if (object === 0) object = refill(cpu, cache, own);
  else memory.write(own + CacheCpu.freelist, getFreePointer(memory, cache, object));
  cpu.localIrqRestore(irq);
  return object === 0 ? NO_SLAB : object;
}

function notLive(cpu: Cpu, cache: Ptr): never {
  return bug(cpu, `kmem_cache_alloc: ${hex(cache)} is no cache, or one that was destroyed`);
}

function allocAtomic(cpu: Cpu, cache: Ptr, flags: AtomicGfp, site: number): Ptr {
  const order = cpu.memory.read(cache + KmemCache.order);
  const page = allocPages(cpu, withoutZero(flags), order);
  return page === 0 ? 0 : prepare(cpu, cache, fromNewSlab(cpu, cache, page), flags, site);
}

function* allocSleeping(cpu: Cpu, cache: Ptr, flags: SleepingGfp, site: number): Sleeps<Ptr> {
  const order = cpu.memory.read(cache + KmemCache.order);
  const page = yield* allocPages(cpu, withoutZero(flags), order);
  return page === 0 ? 0 : prepare(cpu, cache, fromNewSlab(cpu, cache, page), flags, site);
}

/** The object is zeroed, not its slab. */
function withoutZero<Flags extends Gfp>(flags: Flags): Flags {
  return (flags & ~__GFP_ZERO) as Flags;
}

/** Linux: new_slab_objects(). */
function fromNewSlab(cpu: Cpu, cache: Ptr, page: Ptr): Ptr {
  const slab = makeSlab(cpu, cache, page);
  const irq = cpu.localIrqSave();
  const object = useSlab(cpu, cache, cache + slabView(cpu).cpuOffset, slab);
  cpu.localIrqRestore(irq);
  return object;
}

/** Linux: slab_post_alloc_hook(). What is left to do with an object before its owner gets it. */
function prepare(cpu: Cpu, cache: Ptr, object: Ptr, flags: Gfp, site: number): Ptr {
  const { memory } = cpu;
  if ((memory.read(cache + KmemCache.flags) & DEBUG_FLAGS) !== 0)
    checkAlloc(cpu, cache, object, site);
  if ((flags & __GFP_ZERO) !== 0) memory.fill(object, 0, memory.read(cache + KmemCache.objectSize));
  return object;
}
