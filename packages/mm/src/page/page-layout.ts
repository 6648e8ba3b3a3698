/**
 * What the allocator knows of each page: Linux's struct page. They lie in one array, `mem_map`; the address of
 * a struct page is what allocations return, `pageAddress` is where the memory itself is.
 *
 *                 free in the buddy        on a per-CPU list   allocated
 *   buddy         order + 1 (head only)    0                   0
 *   order         —                        —                   of the block (head page)
 *   refcount      0                        0                   ≥ 1 (head page)
 *   head          0                        0                   0, in tail pages their head page
 *   node          on a list of the zone    next on the list    the owner's
 *
 * A block of 2^order pages is known by its head page, the first.
 */
import { ListNode } from '@percpu/locks';
import { array, layout } from '@percpu/memory';
import type { Layout } from '@percpu/memory';

const fields = {
  /** First: a node's address is its page's. */
  node: ListNode,
  /** Under the lock of the zone. A word of its own, since whoever merges looks at neighbours that belong to somebody. */
  buddy: 'u32',
  /** Plain: written by the allocation, constant until the free. */
  order: 'u32',
  /** Atomic. References to the block; the last one frees it. Linux: _refcount. */
  refcount: 'u32',
  /** Plain: as `order`. Linux: compound_head. */
  head: 'ptr',
  /** The owner's. Linux: private. */
  private: 'u32',
  /** Of src/slab, in tail pages too: the slab that the page is part of, or 0. */
  slab: 'ptr',
  /** Of src/slab while the page is one. */
  slabWords: array('u32', 8),
} as const;

/** Linux: struct page. */
export const Page: Layout<
  Record<
    'node' | 'buddy' | 'order' | 'refcount' | 'head' | 'private' | 'slab' | 'slabWords',
    unknown
  >
> = layout(fields, { name: 'Page' });

const debugFields = {
  /** PageLife. */
  life: 'u32',
  /** Call sites (call-site.ts), and CPU numbers. */
  allocSite: 'u32',
  freeSite: 'u32',
  allocCpu: 'u32',
  freeCpu: 'u32',
} as const;

/**
 * What debugging knows of a page, in an array of its own. Own words: written by whoever owns the page, looked
 * at by reports and by the life check. Linux: struct page_owner.
 */
export const PageDebug: Layout<typeof debugFields> = layout(debugFields, { name: 'PageDebug' });

export const PageLife = { free: 0, alive: 1 } as const;

/** Linux: MAX_PAGE_ORDER. The largest block is 2^10 pages, 4 MiB. */
export const MAX_ORDER = 10;
/** Linux: NR_PAGE_ORDERS. */
export const ORDERS: number = MAX_ORDER + 1;
/** Linux: PAGE_ALLOC_COSTLY_ORDER. Larger blocks are not waited for. */
export const COSTLY_ORDER = 3;
