/** Slabs come from the page allocator and go back there. */
import { ttas } from '@percpu/locks';
import type { Cpu } from '@percpu/machine';
import { PAGE_SIZE } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { initObject } from '../debug/slab-debug.ts';
import { Page } from '../page/page-layout.ts';
import { freePages, pageAddress } from '../page/index.ts';
import { setFreePointer } from './free-pointer.ts';
import { addSlab, removeSlab } from './node.ts';
import { DEBUG_FLAGS, KmemCache, Slab, SlabFlag } from './slab-layout.ts';
import { SlabShared } from './slab-shared.ts';
import { slabState } from './slab-state.ts';
import { attachedView } from './slab-cpu-view.ts';

/** The slab that lies in the words of head page `page`. */
function slabOf(page: Ptr): Ptr {
  return page + Page.slabWords;
}

/** The head page of `slab`. */
function pageOf(slab: Ptr): Ptr {
  return slab - Page.slabWords;
}

/**
 * Linux: allocate_slab(). Makes the block of pages at `page` a slab of the cache, frozen, with all its objects in a
 * chain from the first. Constructors run here, once in the life of a slab. Any context.
 */
export function makeSlab(cpu: Cpu, cache: Ptr, page: Ptr): Ptr {
  const { memory } = cpu;
  const slab = slabOf(page);
  const base = pageAddress(cpu, page);
  const objects = memory.read(cache + KmemCache.objects);
  memory.write(slab + Slab.cache, cache);
  memory.write(slab + Slab.base, base);
  memory.store(slab + Slab.state, slabState(0, objects, true));
  const pages = 1 << memory.read(cache + KmemCache.order);
  for (let i = 0; i < pages; i++) memory.write(page + i * Page.size + Page.slab, slab);
  memory.describe(slab, Slab, `slab ${(base / PAGE_SIZE).toString(16)}`);
  chainObjects(cpu, cache, base, objects);
  const irq = ttas.lockIrqsave(cpu, cache + KmemCache.lock);
  addSlab(memory, cache, slab);
  ttas.unlockIrqrestore(cpu, cache + KmemCache.lock, irq);
  return slab;
}

function chainObjects(cpu: Cpu, cache: Ptr, base: Ptr, objects: number): void {
  const { memory } = cpu;
  const slotSize = memory.read(cache + KmemCache.slotSize);
  const ctor = memory.read(cache + KmemCache.ctor);
  const debug = (memory.read(cache + KmemCache.flags) & DEBUG_FLAGS) !== 0;
  for (let i = 0; i < objects; i++) {
    const object = base + i * slotSize;
    if (debug) initObject(cpu, cache, object);
    setFreePointer(memory, cache, object, i + 1 < objects ? object + slotSize : 0);
    if (ctor !== 0) construct(cpu, ctor, object);
  }
}

/** With the life check put off: the object is not anybody's yet. */
function construct(cpu: Cpu, ctor: Ptr, object: Ptr): void {
  const { memory } = cpu;
  const { inside } = attachedView(cpu);
  const before = memory.readOwn(inside);
  memory.writeOwn(inside, before + 1);
  cpu.text.call(ctor, object);
  memory.writeOwn(inside, before);
}

/** Under the cache's lock: the slab is empty and on no partial list. After the unlock comes `giveBack`. */
export function forgetSlab(cpu: Cpu, cache: Ptr, slab: Ptr): void {
  removeSlab(cpu.memory, cache, slab);
}

/** Linux: free_slab(). Of a forgotten slab; with SLAB_TYPESAFE_BY_RCU after a grace period, if somebody provides them. Any context. */
export function giveBack(cpu: Cpu, slab: Ptr, flags: number): void {
  const { memory } = cpu;
  const { at } = attachedView(cpu);
  const delay = (flags & SlabFlag.typesafeByRcu) === 0 ? 0 : memory.load(at + SlabShared.delayFree);
  if (delay === 0) freeSlabNow(cpu, slab);
  else cpu.text.call(delay, slab);
}

/** Linux: rcu_free_slab(). What a `delayFree` function calls in the end, once for each slab that it was given. Any context. */
export function freeSlabNow(cpu: Cpu, slab: Ptr): void {
  const { memory } = cpu;
  const page = pageOf(slab);
  const order = memory.read(page + Page.order);
  for (let i = 0; i < 1 << order; i++) memory.write(page + i * Page.size + Page.slab, 0);
  freePages(cpu, page, order);
}
