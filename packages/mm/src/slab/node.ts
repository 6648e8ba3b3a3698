/**
 * Slabs that no CPU owns. Everything here runs under the cache's lock, with interrupts off: frees come from
 * interrupt handlers too.
 */
import { listAddTail, listDel, listFirst } from '@percpu/locks';
import type { Memory, Ptr } from '@percpu/memory';
import { headOf, slabState } from './slab-state.ts';
import { KmemCache, Slab } from './slab-layout.ts';

/** Linux: add_partial(). */
export function addPartial(memory: Memory, cache: Ptr, slab: Ptr): void {
  listAddTail(memory, cache + KmemCache.partial, slab + Slab.node);
  memory.write(cache + KmemCache.nrPartial, memory.read(cache + KmemCache.nrPartial) + 1);
}

/** Linux: remove_partial(). */
export function removePartial(memory: Memory, cache: Ptr, slab: Ptr): void {
  listDel(memory, cache + KmemCache.partial, slab + Slab.node);
  memory.write(cache + KmemCache.nrPartial, memory.read(cache + KmemCache.nrPartial) - 1);
}

/** The first partial slab, or 0. */
export function firstPartial(memory: Memory, cache: Ptr): Ptr {
  const node = listFirst(memory, cache + KmemCache.partial);
  return node === 0 ? 0 : node - Slab.node;
}

/** Does the cache keep enough partial slabs to give an empty one back? */
export function keepsEnough(memory: Memory, cache: Ptr): boolean {
  return memory.read(cache + KmemCache.nrPartial) >= memory.read(cache + KmemCache.minPartial);
}

/** A new slab. */
export function addSlab(memory: Memory, cache: Ptr, slab: Ptr): void {
  listAddTail(memory, cache + KmemCache.slabs, slab + Slab.all);
  memory.write(cache + KmemCache.nrSlabs, memory.read(cache + KmemCache.nrSlabs) + 1);
}

/** A slab whose pages are given back. It is on no partial list any more. */
export function removeSlab(memory: Memory, cache: Ptr, slab: Ptr): void {
  listDel(memory, cache + KmemCache.slabs, slab + Slab.all);
  memory.write(cache + KmemCache.nrSlabs, memory.read(cache + KmemCache.nrSlabs) - 1);
}

/**
 * Linux: acquire_slab(), get_freelist(). Takes the whole list of the slab for the CPU that calls, which owns the slab
 * from now on. Returns `head` of the list; 0: it was empty, and the slab is owned by nobody.
 *
 * The lock is needed for a slab on the partial list only; the owner of a frozen one is alone in taking from it.
 */
export function takeList(memory: Memory, cache: Ptr, slab: Ptr): number {
  const objects = memory.read(cache + KmemCache.objects);
  let old = memory.load(slab + Slab.state);
  for (;;) {
    const head = headOf(old);
    // Edge F: the pointers in the objects of the list are visible; pairs with the exchange in freeToSlab.
    const seen = memory.compareExchange(slab + Slab.state, old, slabState(0, objects, head !== 0));
    if (seen === old) return head;
    // Somebody freed an object in between; that is progress, and a slab has only so many.
    old = seen;
  }
}
