/**
 * Per-CPU areas: every CPU has a unit of the same shape, a variable is an offset into all of them.
 *
 *   base                base + stride
 *   │ unit of CPU 0     │ unit of CPU 1     │ …
 *   │ [number][a][b]    │ [number][a][b]    │        perCpuPtr(areas, a, 1) = base + stride + a
 *
 * Units start at a page and are whole cache lines long, so no line is shared between two CPUs. (Whole
 * pages would put the same variable of all CPUs into one set of the L1 cache.) Each unit begins with its
 * CPU's number, so that no variable has offset 0 and a forgotten offset is as visible as a NULL.
 */
import { alignUp, layout } from './layout.ts';
import { memblockAlloc } from './memblock.ts';
import { CACHE_LINE, PAGE_SIZE } from './memory.ts';
import type { Memory, Ptr } from './memory.ts';

/** Offset of a per-CPU variable within every unit. */
export type PercpuOffset = number;

/** What all threads know about the areas; constant, so every thread keeps its own copy. */
export interface PercpuAreas {
  /** The shared descriptor: pass it to `percpuAttach` on other threads. */
  readonly at: Ptr;
  readonly base: Ptr;
  /** Bytes from one CPU's unit to the next. */
  readonly stride: number;
  readonly nrCpus: number;
}

const Descriptor = layout(
  {
    base: 'ptr',
    stride: 'u32',
    nrCpus: 'u32',
    /** Next free offset within the units. */
    brk: 'u32',
  },
  { name: 'PercpuAreas', cacheAligned: true },
);

/** The CPU's number at the start of each unit (Linux: cpu_number). */
export const CPU_NUMBER: PercpuOffset = 0;
const FIRST_OFFSET = 8;

/** Linux: setup_per_cpu_areas(). Once per machine; `unitSize` in bytes, rounded up to cache lines. */
export function percpuInit(memory: Memory, nrCpus: number, unitSize: number): PercpuAreas {
  if (!Number.isSafeInteger(nrCpus) || nrCpus < 1) {
    throw new RangeError(`percpuInit: ${nrCpus} CPUs; accepted are whole numbers from 1`);
  }
  if (!Number.isSafeInteger(unitSize) || unitSize < FIRST_OFFSET) {
    throw new RangeError(
      `percpuInit: units of ${unitSize} bytes; accepted are whole numbers from ${FIRST_OFFSET}`,
    );
  }
  const stride = alignUp(unitSize, CACHE_LINE);
  const at = memblockAlloc(memory, Descriptor.size, Descriptor.align);
  const base = memblockAlloc(memory, stride * nrCpus, PAGE_SIZE);
  for (let cpu = 0; cpu < nrCpus; cpu++) memory.store(base + cpu * stride + CPU_NUMBER, cpu);
  memory.store(at + Descriptor.base, base);
  memory.store(at + Descriptor.stride, stride);
  memory.store(at + Descriptor.nrCpus, nrCpus);
  memory.store(at + Descriptor.brk, FIRST_OFFSET);
  memory.describe(at, Descriptor);
  return percpuAttach(memory, at);
}

/** The areas whose descriptor is at `at`, for another thread. */
export function percpuAttach(memory: Memory, at: Ptr): PercpuAreas {
  return {
    at,
    base: memory.load(at + Descriptor.base),
    stride: memory.load(at + Descriptor.stride),
    nrCpus: memory.load(at + Descriptor.nrCpus),
  };
}

/**
 * Linux: alloc_percpu(). `size` zeroed bytes in every unit, at a multiple of `align` (a power of two up
 * to CACHE_LINE). Never freed. Any context. Throws when the units are full.
 */
export function percpuAlloc(
  memory: Memory,
  areas: PercpuAreas,
  size: number,
  align = 8,
): PercpuOffset {
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new RangeError(`percpuAlloc: a size of ${size} bytes; accepted are whole numbers from 1`);
  }
  if (
    !Number.isInteger(align) ||
    align < 1 ||
    align > CACHE_LINE ||
    !Number.isInteger(Math.log2(align))
  ) {
    throw new RangeError(
      `percpuAlloc: an alignment of ${align}; accepted are powers of two from 1 to ${CACHE_LINE}`,
    );
  }
  const brkAt = areas.at + Descriptor.brk;
  let brk = memory.load(brkAt);
  for (;;) {
    const offset = alignUp(brk, align);
    if (offset + size > areas.stride) {
      throw new RangeError(
        `percpuAlloc: out of per-CPU memory: asked for ${size} bytes aligned to ${align}, ` +
          `left are ${areas.stride - brk} of ${areas.stride} per CPU; make the units larger`,
      );
    }
    const seen = memory.compareExchange(brkAt, brk, offset + size);
    if (seen === brk) return offset;
    // Somebody else allocated in between; that is progress, so this ends.
    brk = seen;
  }
}

/** Linux: per_cpu_ptr(). `cpu` is not checked here; in checked memory the access is. */
export function perCpuPtr(areas: PercpuAreas, offset: PercpuOffset, cpu: number): Ptr {
  return areas.base + cpu * areas.stride + offset;
}
