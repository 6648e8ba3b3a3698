export { kmemCacheAlloc, kmemCacheZalloc } from './alloc.ts';
export { kmemCacheAllocBulk, kmemCacheFreeBulk } from './bulk.ts';
export { kmemCacheFree } from './free.ts';
export { kcalloc, kfree, kmalloc, KMALLOC_MAX_SIZE, krealloc, ksize, kzalloc } from './kmalloc.ts';
export { ZERO_SIZE_PTR } from './kmalloc.ts';
export {
  KMALLOC_MAX_CACHE_SIZE,
  KMALLOC_SIZES,
  kmallocIndex,
  kmallocSizeRoundup,
} from './kmalloc-sizes.ts';
export {
  CACHE_MAX_SIZE,
  kmemCacheCreate,
  kmemCacheDestroy,
  kmemCacheShrink,
  kmemCacheSize,
} from './kmem-cache.ts';
export { reportSlabLeaks } from './leaks.ts';
export {
  SLAB_CONSISTENCY_CHECKS,
  SLAB_HWCACHE_ALIGN,
  SLAB_POISON,
  SLAB_RED_ZONE,
  SLAB_STORE_USER,
  SLAB_TYPESAFE_BY_RCU,
} from './slab-layout.ts';
export { setSlabFreeDelay } from './slab-free-delay.ts';
export { freeSlabNow } from './slab-pages.ts';
export { readSlabinfo, slabinfo } from './slabinfo.ts';
export type { SlabInfo } from './slabinfo.ts';
export { slabView } from './slab-view.ts';
