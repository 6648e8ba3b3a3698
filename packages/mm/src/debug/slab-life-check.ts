/**
 * Use after free of slab objects, found at the access itself: with `mm.debug` on checked memory, every access of a CPU to
 * a slab is held against the object that it meets. Nothing is alive beside objects: redzones, metadata and the gap at
 * the end of a slab are the allocator's own.
 */
import type { Cpu } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { LifeCheck, Ptr } from '@percpu/memory';
import { Page } from '../page/page-layout.ts';
import { mmView } from '../page/mm-view.ts';
import { cacheName } from '../slab/cache-name.ts';
import { KmemCache, Slab, SlabFlag } from '../slab/slab-layout.ts';
import { PAGE_SIZE } from '@percpu/memory';
import { ObjectLife, ObjectMeta } from './object-meta.ts';
import { tracking } from './object-report.ts';

/** For addresses in pages of slabs. `inside`: own word, not 0 while the CPU is the allocator. */
export function slabLifeCheck(cpu: Cpu, inside: Ptr): LifeCheck {
  const { memory } = cpu;
  const { base, map } = mmView(cpu);
  return (at, size) => {
    if (memory.readOwn(inside) !== 0) return undefined;
    const page = map + Math.floor((at - base) / PAGE_SIZE) * Page.size;
    const slab = memory.readOwn(page + Page.slab);
    if (slab === 0) return undefined;
    const cache = memory.readOwn(slab + Slab.cache);
    const meta = memory.readOwn(cache + KmemCache.meta);
    // A slab that is being made, or that has no debug words.
    if (meta === 0) return undefined;
    const start = memory.readOwn(slab + Slab.base);
    const slotSize = memory.readOwn(cache + KmemCache.slotSize);
    const object = start + Math.floor((at - start) / slotSize) * slotSize;
    // The free pointer and the rest of the metadata are the allocator's: nobody else has their address.
    const offset = at - object;
    if (offset >= meta && offset < meta + ObjectMeta.size) return undefined;
    const objectSize = memory.readOwn(cache + KmemCache.objectSize);
    if (offset + size > objectSize)
      return `slab-out-of-bounds${where(cpu, cache, object, offset, objectSize)}`;
    if (memory.readOwn(object + meta + ObjectMeta.life) === ObjectLife.alive) return undefined;
    if ((memory.readOwn(cache + KmemCache.flags) & SlabFlag.typesafeByRcu) !== 0) return undefined;
    return `slab-use-after-free${where(cpu, cache, object, offset, objectSize)}`;
  };
}

/** In the words of KASAN. */
function where(cpu: Cpu, cache: Ptr, object: Ptr, offset: number, objectSize: number): string {
  const history = tracking(cpu, cache, object);
  const told = history.length === 0 ? '' : ` (${history.join('; ')})`;
  const side = offset < objectSize ? 'inside of' : 'to the right of';
  const name = cacheName(cpu.memory, cache);
  return `: ${offset} bytes into, ${side} the ${objectSize}-byte object ${hex(object)} of cache ${name}${told}`;
}
