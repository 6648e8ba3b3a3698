/** A cache's struct: made, put on the list of all caches, or given back. */
import { ttas } from '@percpu/locks';
import { writeName } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { memblockAlloc } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { geometry } from './geometry.ts';
import { CacheCpu, KmemCache } from './slab-layout.ts';
import { SLAB_MAX_ORDER, SLAB_MIN_PARTIAL } from './slab-parameters.ts';
import { SlabShared } from './slab-shared.ts';

export interface CacheOptions {
  readonly name: string;
  readonly size: number;
  readonly align: number;
  /** Debug flags of the machine included. */
  readonly flags: number;
  /** Text address, or 0. */
  readonly ctor: Ptr;
}

/** A new cache, on the list of all. `shared`: SlabShared. Checked options. */
export function makeCache(cpu: Cpu, shared: Ptr, options: CacheOptions): Ptr {
  const { memory } = cpu;
  const { name, size: objectSize, align, flags, ctor } = options;
  const maxOrder = cpu.parameter(SLAB_MAX_ORDER);
  const cut = geometry({ objectSize, align, flags, hasCtor: ctor !== 0, maxOrder });
  const cache = takeStruct(cpu, shared);
  memory.describe(cache, KmemCache, name);
  ttas.init(cpu, cache + KmemCache.lock);
  writeName(memory, cache + KmemCache.name, name);
  memory.write(cache + KmemCache.objectSize, objectSize);
  memory.write(cache + KmemCache.slotSize, cut.size);
  memory.write(cache + KmemCache.slotAlign, cut.align);
  memory.write(cache + KmemCache.offset, cut.offset);
  memory.write(cache + KmemCache.meta, cut.meta);
  memory.write(cache + KmemCache.order, cut.order);
  memory.write(cache + KmemCache.objects, cut.objects);
  memory.write(cache + KmemCache.ctor, ctor);
  memory.write(cache + KmemCache.minPartial, cpu.parameter(SLAB_MIN_PARTIAL));
  memory.write(cache + KmemCache.flags, flags);
  memory.write(cache + KmemCache.live, 1);
  const irq = ttas.lockIrqsave(cpu, shared + SlabShared.lock);
  memory.write(cache + KmemCache.next, memory.read(shared + SlabShared.caches));
  memory.write(shared + SlabShared.caches, cache);
  ttas.unlockIrqrestore(cpu, shared + SlabShared.lock, irq);
  return cache;
}

/** Zeroed, with a CacheCpu for each CPU behind it. */
function takeStruct(cpu: Cpu, shared: Ptr): Ptr {
  const { memory, nrCpus } = cpu;
  const bytes = KmemCache.size + nrCpus * CacheCpu.size;
  const irq = ttas.lockIrqsave(cpu, shared + SlabShared.lock);
  const used = memory.read(shared + SlabShared.unused);
  if (used !== 0) memory.write(shared + SlabShared.unused, memory.read(used + KmemCache.next));
  ttas.unlockIrqrestore(cpu, shared + SlabShared.lock, irq);
  if (used === 0) return memblockAlloc(memory, bytes, KmemCache.align);
  memory.fill(used, 0, bytes);
  return used;
}

/** Takes the cache off the list of all and keeps its struct for the next one. No slab is left, and nobody uses it. */
export function discardCache(cpu: Cpu, shared: Ptr, cache: Ptr): void {
  const { memory } = cpu;
  const irq = ttas.lockIrqsave(cpu, shared + SlabShared.lock);
  unlinkCache(cpu, shared, cache);
  memory.write(cache + KmemCache.next, memory.read(shared + SlabShared.unused));
  memory.write(shared + SlabShared.unused, cache);
  ttas.unlockIrqrestore(cpu, shared + SlabShared.lock, irq);
}

function unlinkCache({ memory }: Cpu, shared: Ptr, cache: Ptr): void {
  let link = shared + SlabShared.caches;
  let one = memory.read(link);
  while (one !== cache && one !== 0) {
    link = one + KmemCache.next;
    one = memory.read(link);
  }
  if (one !== 0) memory.write(link, memory.read(one + KmemCache.next));
}

/** All caches, the newest first. Any context. */
export function allCaches(cpu: Cpu, shared: Ptr): Ptr[] {
  const { memory } = cpu;
  const caches: Ptr[] = [];
  const irq = ttas.lockIrqsave(cpu, shared + SlabShared.lock);
  for (let one = memory.read(shared + SlabShared.caches); one !== 0;) {
    caches.push(one);
    one = memory.read(one + KmemCache.next);
  }
  ttas.unlockIrqrestore(cpu, shared + SlabShared.lock, irq);
  return caches;
}
