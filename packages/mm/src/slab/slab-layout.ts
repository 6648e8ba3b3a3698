/**
 * The structs of the slab allocator (Bonwick, "The Slab Allocator", USENIX Summer 1994), in the form of Linux's SLUB.
 *
 *   KmemCache    what all objects of one kind have in common; one per cache
 *   CacheCpu     one for each CPU and cache: the slab the CPU allocates from, and the objects it took out of it
 *   Slab         one for each slab, in the words that its head page has for us
 *
 * A slab is a block of pages cut into slots of `KmemCache.slotSize` bytes:
 *
 *   ┌────────┬─────────┬──────┐      without debugging: the object, which holds the free pointer while it is free
 *   │ object │ redzone │ meta │      with debugging: bytes that nobody may write, then `ObjectMeta`
 *   └────────┴─────────┴──────┘
 */
import { ListHead, TtasLock } from '@percpu/locks';
import { InlineName } from '@percpu/machine';
import { cacheAligned, layout } from '@percpu/memory';
import type { Layout } from '@percpu/memory';

const cacheFields = {
  // ── constant from creation to destruction ─────────────────────────────────────────────────
  /** `SlabFlag`s. */
  flags: 'u32',
  /** Bytes that the caller asked for. Linux: object_size. */
  objectSize: 'u32',
  /** Bytes from one slot to the next. */
  slotSize: 'u32',
  slotAlign: 'u32',
  /** Where in a slot the free pointer is. */
  offset: 'u32',
  /** Where in a slot `ObjectMeta` is; 0 without debugging. */
  meta: 'u32',
  /** Pages of a slab: 2^order. */
  order: 'u32',
  /** Slots of a slab. Linux: oo_objects(). */
  objects: 'u32',
  /** Text address, or 0. */
  ctor: 'ptr',
  /** Empty slabs that are kept. Linux: min_partial. */
  minPartial: 'u32',
  name: InlineName,
  /** 1 from creation to destruction. Of those who allocate, and of the destruction; a late free does not look. */
  live: 'u32',
  /** On the list of all caches, or on that of unused structs. Under the lock of the caches. */
  next: 'ptr',

  // ── under `lock` (Linux: struct kmem_cache_node) ──────────────────────────────────────────
  lock: cacheAligned(TtasLock),
  /** Slabs that no CPU owns and that have free objects. Of `Slab.node`. */
  partial: ListHead,
  nrPartial: 'u32',
  /** All slabs of the cache. Of `Slab.all`. */
  slabs: ListHead,
  nrSlabs: 'u32',
} as const;

/** Linux: struct kmem_cache, with its one struct kmem_cache_node. A `CacheCpu` for each CPU follows it in memory. */
export const KmemCache: Layout<
  | 'flags'
  | 'objectSize'
  | 'slotSize'
  | 'slotAlign'
  | 'offset'
  | 'meta'
  | 'order'
  | 'objects'
  | 'ctor'
  | 'minPartial'
  | 'name'
  | 'live'
  | 'next'
  | 'lock'
  | 'partial'
  | 'nrPartial'
  | 'slabs'
  | 'nrSlabs'
> = layout(cacheFields, {
  name: 'KmemCache',
  cacheAligned: true,
});

const cpuFields = {
  /** First of the free objects that are this CPU's, or 0. */
  freelist: 'ptr',
  /** The slab that they are of, or 0. Frozen: on no list. */
  slab: 'ptr',
} as const;

/** Linux: struct kmem_cache_cpu. Plain: the CPU's own, touched with interrupts off. */
export const CacheCpu: Layout<typeof cpuFields> = layout(cpuFields, {
  name: 'CacheCpu',
  cacheAligned: true,
});

const slabFields = {
  /** Plain: constant while the slab is one. */
  cache: 'ptr',
  base: 'ptr',
  /** Atomic; see slab-state.ts. */
  state: 'u32',
  /** Unused. */
  reserved: 'u32',
  /** On `KmemCache.partial`: ListNode. Under the cache's lock. */
  node: 'ptr',
  nodePrev: 'ptr',
  /** On `KmemCache.slabs`: ListNode. Under the cache's lock. */
  all: 'ptr',
  allPrev: 'ptr',
} as const;

/** Linux: struct slab. Lies in `Page.slabWords` of the head page; tail pages point to it. */
export const Slab: Layout<typeof slabFields> = layout(slabFields, { name: 'Slab' });

/** Linux: enum _slab_flag_bits, SLAB_…; the values are our own. */
export const SlabFlag = {
  /** SLAB_CONSISTENCY_CHECKS: is what is freed allocated, and of this cache? */
  consistencyChecks: 0x1,
  /** SLAB_RED_ZONE: bytes around objects that nobody may write. */
  redZone: 0x2,
  /** SLAB_POISON: free objects are filled with a pattern, which is checked. */
  poison: 0x4,
  /** SLAB_STORE_USER: who allocated, who freed. */
  storeUser: 0x8,
  /** SLAB_HWCACHE_ALIGN: objects are aligned to cache lines. */
  hwcacheAlign: 0x10,
  /** SLAB_TYPESAFE_BY_RCU: slabs go back to the page allocator after a grace period; readers may touch free objects meanwhile. */
  typesafeByRcu: 0x20,
} as const;

/** Linux: SLAB_DEBUG_FLAGS. With any of them, slots have an `ObjectMeta`. */
export const DEBUG_FLAGS: number =
  SlabFlag.consistencyChecks | SlabFlag.redZone | SlabFlag.poison | SlabFlag.storeUser;

/** All that a caller may pass to `kmemCacheCreate`. */
export const ALL_FLAGS: number = DEBUG_FLAGS | SlabFlag.hwcacheAlign | SlabFlag.typesafeByRcu;

export const SLAB_CONSISTENCY_CHECKS: number = SlabFlag.consistencyChecks;
export const SLAB_RED_ZONE: number = SlabFlag.redZone;
export const SLAB_POISON: number = SlabFlag.poison;
export const SLAB_STORE_USER: number = SlabFlag.storeUser;
export const SLAB_HWCACHE_ALIGN: number = SlabFlag.hwcacheAlign;
export const SLAB_TYPESAFE_BY_RCU: number = SlabFlag.typesafeByRcu;
