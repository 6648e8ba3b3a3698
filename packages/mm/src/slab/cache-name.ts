import { readString } from '@percpu/machine';
import type { Memory, Ptr } from '@percpu/memory';
import { KmemCache } from './slab-layout.ts';

/** The name that a cache was created with. */
export function cacheName(memory: Memory, cache: Ptr): string {
  return readString(memory, cache + KmemCache.name);
}
