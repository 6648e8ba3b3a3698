/**
 * What one CPU keeps of the slab allocator: constants that its fast paths need, and where the caches of kmalloc are.
 */
import type { Cpu } from '@percpu/machine';
import { perCpuPtr } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { MM_DEBUG } from '../mm-parameters.ts';
import { mmView } from '../page/mm-view.ts';
import type { MmView } from '../page/mm-view.ts';
import { KMALLOC_SIZES } from './kmalloc-sizes.ts';
import { CacheCpu, DEBUG_FLAGS, KmemCache } from './slab-layout.ts';
import type { SlabSteps } from './slab-steps.ts';
import { slabSteps } from './slab-steps.ts';
import { SlabCpu, SlabShared } from './slab-shared.ts';

export interface SlabView {
  readonly at: Ptr;
  readonly mm: MmView;
  /** Where this CPU's `CacheCpu` is behind a KmemCache. */
  readonly cpuOffset: number;
  /** Flags that all caches have. */
  readonly debugFlags: number;
  /** Own word: not 0 while this CPU is inside the allocator and may touch what is free. */
  readonly inside: Ptr;
  /** This CPU's word `SlabCpu.attached`. */
  readonly attached: Ptr;
  /** The fast paths in one call each (slab-steps.ts). undefined: the plain forms are used. */
  readonly steps: SlabSteps | undefined;
  /** Caches by index of kmalloc-sizes.ts. */
  readonly kmalloc: readonly Ptr[];
}

/** Of the shared state at `at`. */
export function makeSlabView(cpu: Cpu, at: Ptr): SlabView {
  const { memory, machine } = cpu;
  const own = perCpuPtr(machine.percpu, memory.read(at + SlabShared.perCpu), cpu.id);
  const kmalloc: Ptr[] = [];
  for (let index = 0; index < KMALLOC_SIZES.length; index++)
    kmalloc.push(memory.read(at + SlabShared.kmalloc + 4 * index));
  return {
    ...{ at, kmalloc, mm: mmView(cpu), debugFlags: debugFlagsOf(cpu) },
    steps: slabSteps(memory),
    cpuOffset: cpuOffsetOf(cpu.id),
    inside: own + SlabCpu.inside,
    attached: own + SlabCpu.attached,
  };
}

/** Where the `CacheCpu` of CPU `id` is behind a KmemCache. */
export function cpuOffsetOf(id: number): number {
  return KmemCache.size + id * CacheCpu.size;
}

/** Flags that `mm.debug` gives to all caches. */
export function debugFlagsOf(cpu: Cpu): number {
  return cpu.parameter(MM_DEBUG) ? DEBUG_FLAGS : 0;
}

/** The view of a CPU that has one: whoever holds a cache has made it. One load. */
export function attachedView(cpu: Cpu): SlabView {
  return cpu.slabView as SlabView;
}
