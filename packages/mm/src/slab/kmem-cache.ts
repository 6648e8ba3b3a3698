/** Caches: created, shrunk, destroyed. Linux: mm/slab_common.c. */
import { bug, onEachCpuMask, warn } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex, PAGE_SIZE } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { reportRemaining } from '../debug/remaining.ts';
import { MAX_ORDER } from '../page/page-layout.ts';
import { cacheName } from './cache-name.ts';
import { attachedCpus } from './attached-cpus.ts';
import { flushSlab, flushSlabOf, freeEmptySlabs } from './cpu-slab.ts';
import { flushAddress } from './flush-name.ts';
import { discardCache, makeCache } from './make-cache.ts';
import { ALL_FLAGS, KmemCache } from './slab-layout.ts';
import { slabView } from './slab-view.ts';

/** Linux: KMALLOC_MAX_SIZE, the largest block of pages. */
export const CACHE_MAX_SIZE: number = PAGE_SIZE << MAX_ORDER;
/** Bytes of UTF-8. */
const NAME_BYTES = 36;

/**
 * Linux: kmem_cache_create(). A cache of objects of `size` bytes. `align`: a power of two up to a page, 0: that of a 64-bit
 * word. `flags`: SLAB_… or'ed. `ctor`: text address of `(cpu, object)`, which all CPUs have defined, called once for each
 * object when its slab is made; 0: none. Task context. Returns the cache; bad arguments are a BUG.
 */
export function kmemCacheCreate(
  cpu: Cpu,
  name: string,
  size: number,
  align = 0,
  flags = 0,
  ctor: Ptr = 0,
): Ptr {
  const bad = problemWith(name, size, align, flags);
  if (bad !== undefined) bug(cpu, `kmem_cache_create(${name}) integrity check failed: ${bad}`);
  if (cpu.inInterrupt())
    bug(cpu, `kmem_cache_create(${name}) integrity check failed: in an interrupt; it is for tasks`);
  const view = slabView(cpu);
  return makeCache(cpu, view.at, { name, size, align, flags: flags | view.debugFlags, ctor });
}

function problemWith(name: string, size: number, align: number, flags: number): string | undefined {
  const bytes = new TextEncoder().encode(name).length;
  if (bytes === 0 || bytes > NAME_BYTES)
    return `a name of ${bytes} bytes; accepted are 1 to ${NAME_BYTES}`;
  if (!Number.isInteger(size) || size < 1 || size > CACHE_MAX_SIZE)
    return `a size of ${size} bytes; accepted are whole numbers from 1 to ${CACHE_MAX_SIZE}`;
  const power = align === 0 || (align >= 1 && Number.isInteger(Math.log2(align)));
  if (!power || align > PAGE_SIZE)
    return `an alignment of ${align}; accepted are powers of two up to ${PAGE_SIZE}, and 0`;
  if ((flags & ~ALL_FLAGS) !== 0)
    return `flags ${hex(flags >>> 0)}; accepted are the SLAB_… flags, ${hex(ALL_FLAGS)} in all`;
  return undefined;
}

/**
 * Linux: kmem_cache_shrink(). Gives back all slabs without an object in use, those of CPUs included. Task context with
 * interrupts on: waits for other CPUs, which do not go online or offline meanwhile. Returns 0 when no slab is left, else 1.
 */
export function kmemCacheShrink(cpu: Cpu, cache: Ptr): number {
  checkCache(cpu, cache, 'kmem_cache_shrink');
  flushAll(cpu, cache);
  return freeEmptySlabs(cpu, cache) === 0 ? 0 : 1;
}

/**
 * Linux: kmem_cache_destroy(). Nobody may allocate from the cache any more; 0 is ignored. Objects that are still in use
 * are reported, with who allocated them where debugging is on; the cache then stays, so that a late free goes where it
 * belongs. Task context with interrupts on: waits for other CPUs.
 */
export function kmemCacheDestroy(cpu: Cpu, cache: Ptr): void {
  if (cache === 0) return;
  checkCache(cpu, cache, 'kmem_cache_destroy');
  const { memory } = cpu;
  memory.write(cache + KmemCache.live, 0);
  flushAll(cpu, cache);
  const name = cacheName(memory, cache);
  if (freeEmptySlabs(cpu, cache) === 0) {
    discardCache(cpu, slabView(cpu).at, cache);
    return;
  }
  reportRemaining(cpu, cache, `Objects remaining in ${name} on __kmem_cache_shutdown()`);
  warn(cpu, true, `kmem_cache_destroy ${name}: Slab cache still has objects`);
}

/** Linux: flush_all(). */
function flushAll(cpu: Cpu, cache: Ptr): void {
  const { online, offline } = attachedCpus(cpu);
  const others = online.filter((id) => id !== cpu.id);
  flushSlab(cpu, cache);
  for (const id of offline) flushSlabOf(cpu, cache, id);
  if (others.length > 0) onEachCpuMask(cpu, others, flushAddress(cpu), cache, true);
}

function checkCache(cpu: Cpu, cache: Ptr, caller: string): void {
  if (cpu.memory.read(cache + KmemCache.live) !== 1)
    bug(cpu, `${caller}: ${hex(cache)} is no cache, or one that was destroyed`);
}

/** Linux: kmem_cache_size(). What the creator asked for, in bytes. Any context. */
export function kmemCacheSize(cpu: Cpu, cache: Ptr): number {
  return cpu.memory.read(cache + KmemCache.objectSize);
}
