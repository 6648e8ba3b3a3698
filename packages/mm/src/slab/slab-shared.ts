/** What all CPUs share of the slab allocator. */
import { TtasLock } from '@percpu/locks';
import { array, cacheAligned, layout } from '@percpu/memory';
import type { Layout } from '@percpu/memory';
import { KMALLOC_SIZES } from './kmalloc-sizes.ts';

const fields = {
  /** Caches of kmalloc by index (kmalloc-sizes.ts). Constant after creation. */
  kmalloc: array('ptr', KMALLOC_SIZES.length),
  /** Offset of each CPU's `SlabCpu`. Constant. */
  perCpu: 'u32',
  /** Text address that delays the freeing of slabs, or 0. Linux: call_rcu() in free_slab(). Atomic. */
  delayFree: 'ptr',

  // ── under `lock` (Linux: slab_mutex) ──────────────────────────────────────────────────────
  lock: cacheAligned(TtasLock),
  /** All caches, the newest first; through `KmemCache.next`. */
  caches: 'ptr',
  /** Structs of destroyed caches. */
  unused: 'ptr',
} as const;

/** What all CPUs share. */
export const SlabShared: Layout<'kmalloc' | 'perCpu' | 'delayFree' | 'lock' | 'caches' | 'unused'> =
  layout(fields, { name: 'SlabShared' });

const cpuFields = {
  /** Own: not 0 while the CPU is inside the allocator and may touch what is free. */
  inside: 'u32',
  /** Atomic: the CPU has a view, and can be asked for its slabs. */
  attached: 'u32',
} as const;

/** One for each CPU, in its area. */
export const SlabCpu: Layout<typeof cpuFields> = layout(cpuFields, { name: 'SlabCpu' });
