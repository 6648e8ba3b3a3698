/** From the constructor to the destruction of a cache, and what debugging says on the way. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { GFP_NOWAIT } from '../../gfp.ts';
import { kmemCacheAlloc } from '../../slab/alloc.ts';
import { kmemCacheFree } from '../../slab/free.ts';
import { kmemCacheDestroy } from '../../slab/kmem-cache.ts';
import { KmemCache } from '../../slab/slab-layout.ts';
import { DEBUGGED, expectInOrder, SMALL, smallCache, useObject } from './slab-world.ts';
import type { SlabWorld } from './slab-world.ts';

/** Where the constructor counts its calls. */
const CONSTRUCTED = 16;

export function countConstructions({ memory }: Cpu, object: Ptr): void {
  memory.write(object + CONSTRUCTED, memory.read(object + CONSTRUCTED) + 1);
}

/** A cache whose constructor counts. */
export function constructedCache(world: World<Cpu>): SlabWorld {
  let ctor = 0;
  for (const cpu of world.cpus) ctor = cpu.text.define('count_constructions', countConstructions);
  return smallCache(world, { ctor });
}

export function expectConstructedOnce({ memory }: Cpu, object: Ptr): void {
  const times = memory.read(object + CONSTRUCTED);
  if (times !== 1) throw new Error(`the constructor ran ${times} times for one object`);
}

/** For `after`: nothing is left of the cache. */
export function expectDestroyed({ memory }: World<Cpu>, { cache }: SlabWorld): void {
  const left = memory.read(cache + KmemCache.nrSlabs);
  if (left !== 0) throw new Error(`${left} slabs are left of a destroyed cache`);
}

export const lifeOfACache: readonly Exploration[] = [
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-constructs-once',
    title: 'slab: a constructor runs once for each object (2 preemptions)',
    description:
      'Objects that are freed and allocated again, here or elsewhere, are as their last user left them.',
    on: 'cpu',
    cpus: 2,
    limits: { preemptions: 2 },
    setup: constructedCache,
    program({ cpu }: Program<Cpu>, { cache }) {
      for (let i = 0; i < 2; i++) {
        const object = kmemCacheAlloc(cpu, cache, GFP_NOWAIT);
        expectConstructedOnce(cpu, object);
        kmemCacheFree(cpu, cache, object);
      }
    },
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 0),
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-destroy-asks-owner',
    title: 'slab: a cache is destroyed when its objects are back, wherever they lie (1 preemption)',
    description:
      'Another CPU has a slab of its own with all objects free: it is asked to let go of it.',
    on: 'machine',
    cpus: 2,
    setup(world: World<Cpu>) {
      const slabs = smallCache(world, { allocated: 1, on: 1 });
      kmemCacheFree(world.cpus[1]!, slabs.cache, slabs.objects[0]!);
      return slabs;
    },
    programs: [({ cpu }: Program<Cpu>, { cache }): void => kmemCacheDestroy(cpu, cache)],
    after: expectDestroyed,
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-destroy-against-late-free',
    title: 'slab: the last object is freed while the cache is destroyed (1 preemption)',
    description:
      'The free comes in time, or the cache is reported and stays, and the object still finds home.',
    on: 'machine',
    setup: (world: World<Cpu>) => smallCache(world, { allocated: 1 }),
    programs: [
      ({ cpu }: Program<Cpu>, { cache }): void => kmemCacheDestroy(cpu, cache),
      ({ cpu }: Program<Cpu>, { cache, objects }): void => {
        useObject(cpu, objects[0]!);
        kmemCacheFree(cpu, cache, objects[0]!);
      },
    ],
    limits: { preemptions: 1 },
    after: expectDestroyed,
  }),
  exploration<SlabWorld, Cpu>({
    ...DEBUGGED,
    name: 'slab-debugged-free-against-alloc',
    title: 'slab: debugging looks at an object that comes back elsewhere',
    description:
      'Poison, redzone and life of an object travel with it: nothing is reported where nothing is wrong.',
    on: 'cpu',
    setup: (world: World<Cpu>) => smallCache(world, { sparse: true, allocated: 2 }),
    programs: [
      ({ cpu }: Program<Cpu>, { cache }): void =>
        useObject(cpu, kmemCacheAlloc(cpu, cache, GFP_NOWAIT)),
      ({ cpu }: Program<Cpu>, { cache, objects }): void => {
        useObject(cpu, objects[0]!);
        kmemCacheFree(cpu, cache, objects[0]!);
      },
    ],
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 2),
  }),
  exploration<SlabWorld, Cpu>({
    ...DEBUGGED,
    name: 'slab-freed-by-two',
    title: 'busted twin: two CPUs free one object',
    description: 'Debugging tells the second of them, whichever it is.',
    on: 'cpu',
    cpus: 2,
    setup: (world: World<Cpu>) => smallCache(world, { sparse: true, allocated: 1 }),
    program: ({ cpu }: Program<Cpu>, { cache, objects }) => kmemCacheFree(cpu, cache, objects[0]!),
    mustFind: { kind: 'oops', message: /Object already free.*Allocated in .* cpu=0/ },
  }),
  exploration<SlabWorld, Cpu>({
    ...DEBUGGED,
    name: 'slab-used-after-free',
    title: 'busted twin: an object is written after it was freed',
    description:
      'The access itself is reported, or the bytes it left when the object is handed out again, or the race.',
    on: 'cpu',
    setup: (world: World<Cpu>) => smallCache(world, { sparse: true, allocated: 1 }),
    programs: [
      ({ cpu }: Program<Cpu>, { cache, objects }): void => {
        kmemCacheFree(cpu, cache, objects[0]!);
        useObject(cpu, objects[0]!);
      },
    ],
    mustFind: { kind: 'oops', message: /slab-use-after-free.*Freed in .* cpu=0/ },
  }),
];
