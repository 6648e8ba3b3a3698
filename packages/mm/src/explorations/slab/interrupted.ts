/** Slab caches that interrupt handlers use too. The interrupt may arrive between any two accesses. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { GFP_NOWAIT } from '../../gfp.ts';
import { kmemCacheAlloc } from '../../slab/alloc.ts';
import { kmemCacheFree } from '../../slab/free.ts';
import { expectInOrder, SMALL, smallCache, useObject } from './slab-world.ts';
import type { SlabWorld } from './slab-world.ts';

/** How a task takes and gives back. The handler always does it right. */
export interface TaskForms {
  readonly alloc: (cpu: Cpu, cache: Ptr) => Ptr;
  readonly free: (cpu: Cpu, cache: Ptr, object: Ptr) => void;
}

export const RIGHT: TaskForms = {
  alloc: (cpu, cache) => kmemCacheAlloc(cpu, cache, GFP_NOWAIT),
  free: kmemCacheFree,
};

interface Interrupted {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly forms?: TaskForms;
  readonly mustFind?: MustFind;
}

/** The task allocates; the handler frees an object of the same slab and allocates another. */
export function allocInterrupted({ forms = RIGHT, mustFind, ...texts }: Interrupted): Exploration {
  return exploration<SlabWorld, Cpu>({
    ...SMALL,
    ...texts,
    on: 'machine',
    cpus: 1,
    setup(world: World<Cpu>) {
      const slabs = smallCache(world, { perSlab: 4, allocated: 2 });
      world.cpus[0]!.setVector(FIRST_FREE_VECTOR, (cpu) => {
        kmemCacheFree(cpu, slabs.cache, slabs.objects[0]!);
        useObject(cpu, kmemCacheAlloc(cpu, slabs.cache, GFP_NOWAIT));
        useObject(cpu, kmemCacheAlloc(cpu, slabs.cache, GFP_NOWAIT));
      });
      return slabs;
    },
    program({ cpu }: Program<Cpu>, { cache }) {
      cpu.raise(cpu.id, FIRST_FREE_VECTOR);
      useObject(cpu, forms.alloc(cpu, cache));
    },
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 4),
    mustFind,
  });
}

/** The task frees; the handler allocates. */
export function freeInterrupted({ forms = RIGHT, mustFind, ...texts }: Interrupted): Exploration {
  return exploration<SlabWorld, Cpu>({
    ...SMALL,
    ...texts,
    on: 'machine',
    cpus: 1,
    setup(world: World<Cpu>) {
      const slabs = smallCache(world, { perSlab: 4, allocated: 2 });
      world.cpus[0]!.setVector(FIRST_FREE_VECTOR, (cpu) => {
        useObject(cpu, kmemCacheAlloc(cpu, slabs.cache, GFP_NOWAIT));
      });
      return slabs;
    },
    program({ cpu }: Program<Cpu>, { cache, objects }) {
      cpu.raise(cpu.id, FIRST_FREE_VECTOR);
      forms.free(cpu, cache, objects[0]!);
    },
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 2),
    mustFind,
  });
}

export const interrupted: readonly Exploration[] = [
  allocInterrupted({
    name: 'slab-alloc-interrupted',
    title: 'slab: an interrupt frees and allocates while its task allocates',
    description:
      'The handler finds the list of the CPU as it was before or after, never in between.',
  }),
  freeInterrupted({
    name: 'slab-free-interrupted',
    title: 'slab: an interrupt allocates while its task frees',
    description:
      'The object that comes back is on the list before the handler, or after it; it is not lost.',
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-new-slab-interrupted',
    title: 'slab: an interrupt finds a slab while its task fetches pages for one',
    description: 'Both have made a slab: the CPU keeps the one, and lets go of the other.',
    on: 'machine',
    cpus: 1,
    setup(world: World<Cpu>) {
      const slabs = smallCache(world);
      world.cpus[0]!.setVector(FIRST_FREE_VECTOR, (cpu) => {
        useObject(cpu, kmemCacheAlloc(cpu, slabs.cache, GFP_NOWAIT));
      });
      return slabs;
    },
    program({ cpu }: Program<Cpu>, { cache }) {
      cpu.raise(cpu.id, FIRST_FREE_VECTOR);
      useObject(cpu, kmemCacheAlloc(cpu, cache, GFP_NOWAIT));
    },
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 2),
  }),
];
