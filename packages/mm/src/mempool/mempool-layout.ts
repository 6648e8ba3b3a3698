/**
 * Memory pool: elements kept back, so that whoever may sleep always gets one. Linux: mm/mempool.c.
 *
 *   alloc   the allocator, without waiting ─▶ the pool ─▶ the allocator, which may reclaim ─▶ sleep until a free
 *   free    into the pool while it has less than `min`, and one wakes who sleeps; else to the allocator
 *
 * **Why `free` may look at `curr` without the lock.** An element that came out of the pool took `curr` below `min`
 * before its owner got it (edge E), so whoever frees that element sees at least this. It may see too
 * little (then it takes the lock and looks again), but never a full pool that lacks this very element.
 *
 * **Why nobody sleeps for ever.**
 *
 *   sleeper, under `lock`                       who frees
 *   A1 pool empty?                              B1 under `lock`: element into the pool
 *   A2 joins `wait`                             B2 wakes all on `wait`
 *
 * If A1 misses B1, the lock orders A2 before B1, and so before B2. All sleepers are woken, not one: the one might
 * find memory elsewhere and leave the element lying there.
 */
import { TtasLock, WaitQueue } from '@percpu/locks';
import { layout } from '@percpu/memory';
import type { Layout } from '@percpu/memory';

const fields = {
  // ── under `lock`; atomic, as `mempoolFree` looks at them without ──────────────────────────
  /** Elements in the pool. */
  curr: 'u32',
  /** Elements that it keeps. */
  min: 'u32',
  // ── under `lock` ──────────────────────────────────────────────────────────────────────────
  /** Array of `min` addresses, `curr` of them valid. */
  elements: 'ptr',
  lock: TtasLock,
  // ── constant ──────────────────────────────────────────────────────────────────────────────
  /** PoolKind. */
  kind: 'u32',
  /** Order, size, or cache, as the kind wants. */
  data: 'u32',
  /** Kernel text; of a pool with functions of its own. */
  allocFn: 'ptr',
  freeFn: 'ptr',
  // ── guarded by its own lock ───────────────────────────────────────────────────────────────
  wait: WaitQueue,
} as const;

/** Linux: struct mempool_s. */
export const Mempool: Layout<
  Record<
    'curr' | 'min' | 'elements' | 'lock' | 'kind' | 'data' | 'allocFn' | 'freeFn' | 'wait',
    unknown
  >
> = layout(fields, { name: 'Mempool' });

/** Where elements come from. */
export const PoolKind = { functions: 0, page: 1, kmalloc: 2, kzalloc: 3, slab: 4 } as const;
export type PoolKindCode = (typeof PoolKind)[keyof typeof PoolKind];

/** Elements of a pool: more would not fit into the largest block of pages. */
export const MAX_ELEMENTS = 1_048_576;
