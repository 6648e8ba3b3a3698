/** How a cache cuts its slabs: slot size, free pointer, pages of a slab. Linux: calculate_sizes(), calculate_order(). */
import { alignUp, CACHE_LINE, PAGE_SIZE } from '@percpu/memory';
import { ObjectMeta } from '../debug/object-meta.ts';
import { DEBUG_FLAGS, SlabFlag } from './slab-layout.ts';
import { MAX_OBJECTS } from './slab-state.ts';

export interface Geometry {
  readonly align: number;
  readonly size: number;
  readonly offset: number;
  readonly meta: number;
  readonly order: number;
  readonly objects: number;
}

export interface GeometryOptions {
  readonly objectSize: number;
  readonly align: number;
  readonly flags: number;
  readonly hasCtor: boolean;
  /** Linux: slab_max_order. */
  readonly maxOrder: number;
}

/** Linux: ARCH_SLAB_MINALIGN. A 64-bit word is aligned in every object. */
const MIN_ALIGN = 8;
/** Bytes behind an object that nobody may write, at least. */
const REDZONE = 8;
/** Linux: slab_min_objects, for few CPUs. */
const MIN_OBJECTS = 4;
/** Part of a slab that may be left over. Linux: the first `fraction` of calculate_order(). */
const WASTE = 1 / 16;

export function geometry(options: GeometryOptions): Geometry {
  const { objectSize, flags, hasCtor, maxOrder } = options;
  const align = alignment(options);
  let end = alignUp(objectSize, 4);
  let meta = 0;
  let offset = 0;
  if ((flags & DEBUG_FLAGS) !== 0) {
    meta = alignUp(end + REDZONE, ObjectMeta.align);
    offset = meta + ObjectMeta.next;
    end = meta + ObjectMeta.size;
  } else if (hasCtor || (flags & SlabFlag.typesafeByRcu) !== 0) {
    // What the constructor made, and what readers look at, stays while the object is free.
    offset = end;
    end += 4;
  }
  const size = alignUp(end, align);
  const order = slabOrder(size, maxOrder);
  const objects = Math.min(MAX_OBJECTS, Math.floor((PAGE_SIZE << order) / size));
  return { align, size, offset, meta, order, objects };
}

/** Linux: calculate_alignment(). Small objects share a line even when lines were asked for. */
function alignment({ objectSize, align, flags }: GeometryOptions): number {
  let line = 1;
  if ((flags & SlabFlag.hwcacheAlign) !== 0) {
    line = CACHE_LINE;
    while (objectSize <= line / 2 && line > MIN_ALIGN) line /= 2;
  }
  return Math.max(align, line, MIN_ALIGN);
}

/** The smallest order that wastes little and holds a few objects; where none does, the smallest that holds one. */
function slabOrder(size: number, maxOrder: number): number {
  for (let order = 0; order <= maxOrder; order++) {
    const bytes = PAGE_SIZE << order;
    if (Math.floor(bytes / size) >= MIN_OBJECTS && (bytes % size) / bytes <= WASTE) return order;
  }
  for (let order = maxOrder; order >= 0; order--) {
    const bytes = PAGE_SIZE << order;
    const smaller = bytes / 2;
    if (bytes >= size && (order === 0 || Math.floor(smaller / size) === 0)) return order;
  }
  return Math.ceil(Math.log2(size / PAGE_SIZE));
}
