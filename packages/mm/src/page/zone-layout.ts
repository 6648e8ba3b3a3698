/**
 * The zone: all pages there are, and the lists of those that are free. Fields by what protects them.
 */
import { ListHead, Mutex, TtasLock, WaitQueue } from '@percpu/locks';
import { array, cacheAligned, layout } from '@percpu/memory';
import type { Layout } from '@percpu/memory';
import { ORDERS } from './page-layout.ts';

const areaFields = { blocks: ListHead, count: 'u32' } as const;

/** Linux: struct free_area. The free blocks of one order. */
export const FreeArea: Layout<Record<'blocks' | 'count', unknown>> = layout(areaFields, {
  name: 'FreeArea',
});

const zoneFields = {
  // ── constant after creation ───────────────────────────────────────────────────────────────
  /** Address of the first page, and of its struct page. */
  base: 'ptr',
  map: 'ptr',
  /** Of PageDebug; 0 without `mm.debug`. */
  debug: 'ptr',
  nrPages: 'u32',
  /** Watermarks, in pages. */
  min: 'u32',
  low: 'u32',
  high: 'u32',
  /** Offset of the per-CPU lists. */
  perCpu: 'u32',
  /** FaultAttrs of src/fault-injection. */
  faults: 'ptr',

  // ── looked at by all, written now and then: atomic ────────────────────────────────────────
  /** Pages in `areas`; changes under `lock`. Linux: NR_FREE_PAGES. */
  free: cacheAligned('u32'),
  /** Tasks that wait for a page. */
  waiters: 'u32',

  // ── under `lock` ──────────────────────────────────────────────────────────────────────────
  lock: cacheAligned(TtasLock),
  areas: array(FreeArea, ORDERS),

  // ── guarded by its own lock ───────────────────────────────────────────────────────────────
  waitQueue: cacheAligned(WaitQueue),

  // ── of reclaim.ts; under `shrinkerLock` ───────────────────────────────────────────────────
  shrinkerLock: Mutex,
  shrinkers: ListHead,
} as const;

/** Linux: struct zone. */
export const Zone: Layout<
  Record<
    | 'base'
    | 'map'
    | 'debug'
    | 'nrPages'
    | 'min'
    | 'low'
    | 'high'
    | 'perCpu'
    | 'faults'
    | 'free'
    | 'waiters'
    | 'lock'
    | 'areas'
    | 'waitQueue'
    | 'shrinkerLock'
    | 'shrinkers',
    unknown
  >
> = layout(zoneFields, {
  name: 'Zone',
  cacheAligned: true,
});

const perCpuFields = {
  /** The page freed last, or 0; linked through `Page.node`. Plain: this CPU's, with interrupts off. */
  first: 'ptr',
  count: 'u32',
  /** Atomic. 1: this CPU has its view, and can be asked to empty its list. */
  attached: 'u32',
} as const;

/** Linux: struct per_cpu_pages. */
export const PerCpuPages: Layout<typeof perCpuFields> = layout(perCpuFields, {
  name: 'PerCpuPages',
  cacheAligned: true,
});
