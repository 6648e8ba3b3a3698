/** Allocation and free between CPUs: what one frees, another gets, once. */
import { allocatorSpec, exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { GFP_NOWAIT } from '../../gfp.ts';
import { kmemCacheAlloc } from '../../slab/alloc.ts';
import { kmemCacheFreeBulk } from '../../slab/bulk.ts';
import { flushSlab, freeEmptySlabs } from '../../slab/cpu-slab.ts';
import { kmemCacheFree } from '../../slab/free.ts';
import { KmemCache } from '../../slab/slab-layout.ts';
import { expectInOrder, SMALL, smallCache, useObject } from './slab-world.ts';
import type { SlabWorld } from './slab-world.ts';

type Slabs = Program<Cpu>;

function alloc(p: Slabs, { cache }: SlabWorld): Ptr {
  const size = p.memory.read(cache + KmemCache.objectSize);
  const object = p.call('alloc', [size], () => kmemCacheAlloc(p.cpu, cache, GFP_NOWAIT));
  if (object !== 0) useObject(p.cpu, object);
  return object;
}

function free(p: Slabs, { cache }: SlabWorld, object: Ptr): void {
  useObject(p.cpu, object);
  p.call('free', [object], () => kmemCacheFree(p.cpu, cache, object));
}

/** Nothing is allocated to begin with, so that histories are whole. */
const linearizable = { sequential: allocatorSpec() } as const;

export const perCpuLists: readonly Exploration[] = [
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    ...linearizable,
    name: 'slab-two-cpus',
    title: 'slab: two CPUs allocate and free (2 preemptions)',
    limits: { preemptions: 2 },
    description:
      'Each from a slab of its own, which comes from the pages of one zone: no object is handed out twice.',
    on: 'cpu',
    cpus: 2,
    setup: (world: World<Cpu>) => smallCache(world),
    program(p: Slabs, slabs) {
      const first = alloc(p, slabs);
      const second = alloc(p, slabs);
      free(p, slabs, first);
      free(p, slabs, second);
    },
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 0),
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    ...linearizable,
    name: 'slab-shared-partial',
    title: 'slab: two CPUs want the one partial slab',
    description:
      'One takes it off the list with all it has, the other makes a new one; both free afterwards.',
    on: 'cpu',
    cpus: 2,
    setup(world: World<Cpu>) {
      const slabs = smallCache(world, { allocated: 1 });
      flushSlab(world.cpus[0]!, slabs.cache);
      return slabs;
    },
    program(p: Slabs, slabs) {
      free(p, slabs, alloc(p, slabs));
    },
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 1),
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-remote-free-against-alloc',
    title: 'slab: an object is freed elsewhere while its slab’s owner allocates',
    description:
      'The owner gets the object that comes back, or a new slab; the object is not lost, and is seen as its last user left it.',
    on: 'cpu',
    setup: (world: World<Cpu>) => smallCache(world, { allocated: 2 }),
    programs: [
      (p: Slabs, slabs): void => {
        const object = kmemCacheAlloc(p.cpu, slabs.cache, GFP_NOWAIT);
        useObject(p.cpu, object);
        p.see('again', slabs.objects.includes(object));
      },
      (p: Slabs, slabs): void => free(p, slabs, slabs.objects[0]!),
    ],
    allowed: [{ again: true }, { again: false }],
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 2),
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-remote-frees-to-a-full-slab',
    title: 'slab: two CPUs free to a full slab that is nobody’s',
    description: 'The first puts it on the partial list, the last one gives it back: each once.',
    on: 'cpu',
    setup: (world: World<Cpu>) => full(world),
    programs: [
      (p: Slabs, slabs): void => free(p, slabs, slabs.objects[0]!),
      (p: Slabs, slabs): void => free(p, slabs, slabs.objects[1]!),
    ],
    after(world: World<Cpu>, slabs) {
      expectInOrder(world, slabs, 0);
      expectSlabs(world, slabs, 0);
    },
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-remote-frees-to-an-owned-slab',
    title: 'slab: two CPUs free to a slab while its owner allocates (2 preemptions)',
    description:
      'The slab stays frozen, and with its owner, though all its objects may be on its own list for a while.',
    on: 'cpu',
    setup: (world: World<Cpu>) => smallCache(world, { allocated: 2 }),
    programs: [
      (p: Slabs, slabs): void => useObject(p.cpu, kmemCacheAlloc(p.cpu, slabs.cache, GFP_NOWAIT)),
      (p: Slabs, slabs): void => free(p, slabs, slabs.objects[0]!),
      (p: Slabs, slabs): void => free(p, slabs, slabs.objects[1]!),
    ],
    limits: { preemptions: 2 },
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 1),
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-remote-free-against-flush',
    title: 'slab: an object is freed elsewhere while the owner lets go of the slab',
    description:
      'What the owner had on its list, and what came meanwhile, are on the slab’s list afterwards.',
    on: 'cpu',
    setup: (world: World<Cpu>) => smallCache(world, { perSlab: 3, allocated: 2 }),
    programs: [
      ({ cpu }: Slabs, { cache }): void => flushSlab(cpu, cache),
      (p: Slabs, slabs): void => free(p, slabs, slabs.objects[0]!),
    ],
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 1),
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-last-remote-free-against-flush',
    title: 'slab: the last object is freed elsewhere while the owner lets go of the slab',
    description: 'Whoever comes second finds the slab empty and gives it back: one of them, once.',
    on: 'cpu',
    setup: (world: World<Cpu>) => smallCache(world, { allocated: 1 }),
    programs: [
      ({ cpu }: Slabs, { cache }): void => flushSlab(cpu, cache),
      (p: Slabs, slabs): void => free(p, slabs, slabs.objects[0]!),
    ],
    after(world: World<Cpu>, slabs) {
      expectInOrder(world, slabs, 0);
      expectSlabs(world, slabs, 0);
    },
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-taken-off-while-freed-to',
    title: 'slab: a partial slab is taken off the list while its last object is freed',
    description:
      'Either the free comes first and gives the slab back, or the CPU that took it has the object.',
    on: 'cpu',
    setup(world: World<Cpu>) {
      const slabs = smallCache(world, { allocated: 1 });
      flushSlab(world.cpus[0]!, slabs.cache);
      return slabs;
    },
    programs: [
      (p: Slabs, slabs): void => useObject(p.cpu, kmemCacheAlloc(p.cpu, slabs.cache, GFP_NOWAIT)),
      (p: Slabs, slabs): void => free(p, slabs, slabs.objects[0]!),
    ],
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 1),
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-shrink-against-free',
    title: 'slab: empty slabs are given back while the last object of one is freed',
    description: 'A slab is given back once, by the one or the other.',
    on: 'cpu',
    parameters: { ...SMALL.parameters, 'slab.min_partial': 1 },
    setup: (world: World<Cpu>) => full(world),
    programs: [
      ({ cpu }: Slabs, { cache }): void => void freeEmptySlabs(cpu, cache),
      (p: Slabs, slabs): void => {
        free(p, slabs, slabs.objects[0]!);
        free(p, slabs, slabs.objects[1]!);
      },
    ],
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 0),
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-bulk-free',
    title: 'slab: two objects are freed together while their slab’s owner allocates',
    description: 'Both come back with one compare-exchange; the owner finds both or none.',
    on: 'cpu',
    setup: (world: World<Cpu>) => smallCache(world, { perSlab: 3, allocated: 3 }),
    programs: [
      (p: Slabs, { cache }): void => {
        useObject(p.cpu, kmemCacheAlloc(p.cpu, cache, GFP_NOWAIT));
        useObject(p.cpu, kmemCacheAlloc(p.cpu, cache, GFP_NOWAIT));
      },
      ({ cpu }: Slabs, { cache, objects }): void =>
        kmemCacheFreeBulk(cpu, cache, objects.slice(0, 2)),
    ],
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 3),
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-allocation-fails',
    title: 'slab: any allocation may fail while objects are freed elsewhere',
    description: 'Whoever gets 0 goes on without; nothing is lost.',
    on: 'cpu',
    allocationFailures: true,
    parameters: { ...SMALL.parameters, 'mm.failslab': '1,50,0,-1' },
    setup: (world: World<Cpu>) => smallCache(world, { allocated: 2 }),
    programs: [
      (p: Slabs, slabs): void => {
        const object = kmemCacheAlloc(p.cpu, slabs.cache, GFP_NOWAIT);
        p.see('got', object !== 0);
        if (object !== 0) free(p, slabs, object);
      },
      (p: Slabs, slabs): void => free(p, slabs, slabs.objects[0]!),
    ],
    allowed: [{ got: false }, { got: true }],
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 1),
  }),
];

/** A slab with all objects in use, that no CPU owns. */
export function full(world: World<Cpu>): SlabWorld {
  const slabs = smallCache(world, { allocated: 2 });
  flushSlab(world.cpus[0]!, slabs.cache);
  return slabs;
}

/** For `after`: so many slabs are left. */
function expectSlabs({ memory }: World<Cpu>, { cache }: SlabWorld, expected: number): void {
  const found = memory.read(cache + KmemCache.nrSlabs);
  if (found !== expected) throw new Error(`${found} slabs are left; expected were ${expected}`);
}
