/** Boot parameters of this package: give them to `Machine.boot({ declares: MM_PARAMETERS })` to set any. */
import { parameter } from '@percpu/machine';
import type { Parameter } from '@percpu/machine';
import { SLAB_PARAMETERS } from './slab/slab-parameters.ts';

/** Pages of the zone. */
export const MM_PAGES: Parameter<number> = parameter('mm.pages', {
  type: 'u32',
  default: 0,
  max: 1_048_576,
  description:
    'Pages (4 KiB) that the page allocator takes from memblock; 0: half of what is left.',
});

/** Linux: min_free_kbytes, in pages. */
export const MM_MIN_FREE: Parameter<number> = parameter('mm.min_free', {
  type: 'f64',
  default: -1,
  min: -1,
  max: 1_048_576,
  description:
    'Free pages below which only urgent allocations are served; -1: 2 √pages, at most a sixteenth.',
});

/** Linux: pcp->batch. */
export const MM_PCP_BATCH: Parameter<number> = parameter('mm.pcp.batch', {
  type: 'u32',
  default: 0,
  max: 1024,
  description: 'Pages that a per-CPU list takes or gives back at a time; 0: up to 32, by size.',
});

/** Linux: percpu_pagelist_high. */
export const MM_PCP_HIGH: Parameter<number> = parameter('mm.pcp.high', {
  type: 'u32',
  default: 0,
  max: 65_536,
  description: 'Pages on a per-CPU list at which a batch goes back; 0: six batches.',
});

/** Linux: debug_pagealloc, page_owner, slub_debug in one. */
export const MM_DEBUG: Parameter<boolean> = parameter('mm.debug', {
  type: 'boolean',
  default: false,
  description: 'Poison, life checks, who allocated and who freed, leaks at shutdown.',
});

/** Linux: the same option of the kernel command line. */
export const MM_FAIL_PAGE_ALLOC: Parameter<string> = parameter('mm.fail_page_alloc', {
  type: 'string',
  default: '',
  description: 'Page allocations fail: interval,probability,space,times, as in Linux.',
});

/** Linux: the same option of the kernel command line. */
export const MM_FAILSLAB: Parameter<string> = parameter('mm.failslab', {
  type: 'string',
  default: '',
  description: 'Slab allocations fail: interval,probability,space,times, as in Linux.',
});

export const MM_PARAMETERS: readonly Parameter[] = [
  MM_PAGES,
  MM_MIN_FREE,
  MM_PCP_BATCH,
  MM_PCP_HIGH,
  MM_DEBUG,
  MM_FAIL_PAGE_ALLOC,
  MM_FAILSLAB,
  ...SLAB_PARAMETERS,
];
