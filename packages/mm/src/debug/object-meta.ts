/** What debugging keeps behind each object of a slab cache. Linux: the free pointer outside the object, and struct track twice. */
import { layout } from '@percpu/memory';
import type { Layout } from '@percpu/memory';

const fields = {
  /** The free pointer. */
  next: 'ptr',
  /** `ObjectLife`. Atomic: of two that free at a time, one does. */
  life: 'u32',
  // Own words, for reports.
  allocSite: 'u32',
  allocCpu: 'u32',
  allocPid: 'u32',
  freeSite: 'u32',
  freeCpu: 'u32',
  freePid: 'u32',
} as const;

export const ObjectMeta: Layout<typeof fields> = layout(fields, { name: 'ObjectMeta' });

/** Neither is a value that memory has by accident. */
export const ObjectLife = { free: 0x5f12_ee00, alive: 0x5f12_a11f } as const;

/** Linux: POISON_FREE. What a free object is filled with. */
export const POISON_FREE = 0x6b;
/** Linux: POISON_INUSE. What an object that was never allocated is filled with. */
export const POISON_INUSE = 0x5a;
/** Linux: POISON_END. The last byte of a free object. */
export const POISON_END = 0xa5;
/** Linux: SLUB_RED_INACTIVE. The redzone of a free object. */
export const RED_INACTIVE = 0xbb;
/** Linux: SLUB_RED_ACTIVE. The redzone of an allocated object. */
export const RED_ACTIVE = 0xcc;
