/** Boot parameters of the slab allocator; part of `MM_PARAMETERS`. */
import { parameter } from '@percpu/machine';
import type { Parameter } from '@percpu/machine';

/** Linux: slab_max_order. */
export const SLAB_MAX_ORDER: Parameter<number> = parameter('slab.max_order', {
  type: 'u32',
  default: 3,
  max: 10,
  description: 'Largest order of pages that a slab of several objects is made of.',
});

/** Linux: /sys/kernel/slab/NAME/min_partial. */
export const SLAB_MIN_PARTIAL: Parameter<number> = parameter('slab.min_partial', {
  type: 'u32',
  default: 5,
  max: 1000,
  description: 'Slabs with free objects at which a cache gives empty ones back.',
});

export const SLAB_PARAMETERS: readonly Parameter[] = [SLAB_MAX_ORDER, SLAB_MIN_PARTIAL];
