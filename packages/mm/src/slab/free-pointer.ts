/** The pointers that chain free objects. Plain: an object belongs to whoever holds the list that it is on, or just freed it. */
import type { Memory, Ptr } from '@percpu/memory';
import { KmemCache, Slab } from './slab-layout.ts';

/** Linux: get_freepointer(). */
export function getFreePointer(memory: Memory, cache: Ptr, object: Ptr): Ptr {
  return memory.read(object + memory.read(cache + KmemCache.offset));
}

/** Linux: set_freepointer(). */
export function setFreePointer(memory: Memory, cache: Ptr, object: Ptr, next: Ptr): void {
  memory.write(object + memory.read(cache + KmemCache.offset), next);
}

/** The object that `head` of a slab's state names, or 0. */
export function objectAt(memory: Memory, cache: Ptr, slab: Ptr, head: number): Ptr {
  if (head === 0) return 0;
  return memory.read(slab + Slab.base) + (head - 1) * memory.read(cache + KmemCache.slotSize);
}

/** `head` for an object of the slab. Exact for the first byte of a slot only. */
export function headFor(memory: Memory, cache: Ptr, slab: Ptr, object: Ptr): number {
  return (object - memory.read(slab + Slab.base)) / memory.read(cache + KmemCache.slotSize) + 1;
}
