import { InlineName } from '@percpu/machine';
import type { Memory, Ptr } from '@percpu/memory';
import { KmemCache } from './slab-layout.ts';

/** The name that a cache was created with. Own accesses: it is asked for in the middle of others, by the life check. */
export function cacheName(memory: Memory, cache: Ptr): string {
  const at = cache + KmemCache.name;
  const bytes: number[] = [];
  for (let i = 0; i < memory.readOwn(at + InlineName.length); i++) {
    const word = memory.readOwn(at + InlineName.bytes + (i & ~3));
    bytes.push((word >>> (8 * (i & 3))) & 0xff);
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}
