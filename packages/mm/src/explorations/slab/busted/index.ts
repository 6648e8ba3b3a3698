/** Slab caches that lose objects, hand them out twice, or lose slabs. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { GFP_NOWAIT } from '../../../gfp.ts';
import { ObjectLife, ObjectMeta } from '../../../debug/object-meta.ts';
import { kmemCacheAlloc } from '../../../slab/alloc.ts';
import { flushSlab, freeEmptySlabs } from '../../../slab/cpu-slab.ts';
import { freeToSlab, kmemCacheFree, slabFor } from '../../../slab/free.ts';
import { removePartial, removeSlab } from '../../../slab/node.ts';
import { CacheCpu, KmemCache } from '../../../slab/slab-layout.ts';
import { giveBack } from '../../../slab/slab-pages.ts';
import { allocInterrupted, freeInterrupted, RIGHT } from '../interrupted.ts';
import {
  constructedCache,
  countConstructions,
  expectConstructedOnce,
  expectDestroyed,
} from '../life-of-a-cache.ts';
import { full } from '../per-cpu-lists.ts';
import { DEBUGGED, expectInOrder, ownOf, SMALL, smallCache, useObject } from '../slab-world.ts';
import type { SlabWorld } from '../slab-world.ts';
import {
  flushThenList,
  flushWithAStore,
  freeBeforePointer,
  freeWithAStore,
  freeWithWrongLists,
  giveOneObject,
  popWithInterruptsOn,
  pushWithInterruptsOn,
  takeOneObject,
  takePartialUnlocked,
  takePartialWithAStore,
  takeWithAStore,
} from './steps.ts';
import type { WrongLists } from './steps.ts';

type Step = (p: Program<Cpu>, slabs: SlabWorld) => void;
type WrongFree = (cpu: Cpu, cache: Ptr, slab: Ptr, object: Ptr) => void;

/** Uses and frees object `n` of the set-up, rightly or not. */
const freeing =
  (n: number, wrong?: WrongFree): Step =>
  ({ cpu }, { cache, objects }) => {
    const object = objects[n]!;
    useObject(cpu, object);
    const slab = slabFor(cpu, object);
    if (wrong === undefined)
      freeToSlab(cpu, cache, slab, { first: object, last: object, count: 1 });
    else wrong(cpu, cache, slab, object);
  };

const allocating: Step = ({ cpu }, { cache }) =>
  useObject(cpu, kmemCacheAlloc(cpu, cache, GFP_NOWAIT));

interface Twin {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly setup: (world: World<Cpu>) => SlabWorld;
  readonly programs: readonly Step[];
  readonly inUse: number;
  readonly mustFind: MustFind;
}

function twin({ inUse, title, ...rest }: Twin): Exploration {
  return exploration<SlabWorld, Cpu>({
    ...SMALL,
    ...rest,
    title: `busted twin: ${title}`,
    on: 'cpu',
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, inUse),
  });
}

const owned =
  (perSlab: number, allocated: number) =>
  (world: World<Cpu>): SlabWorld =>
    smallCache(world, { perSlab, allocated });

/** One slab, nobody's, with `allocated` of `perSlab` objects in use. */
const nobodys =
  (perSlab: number, allocated: number) =>
  (world: World<Cpu>): SlabWorld => {
    const slabs = smallCache(world, { perSlab, allocated });
    flushSlab(world.cpus[0]!, slabs.cache);
    return slabs;
  };

const wrongLists = (
  wrong: WrongLists,
  title: string,
  description: string,
  message: RegExp,
): Exploration =>
  twin({
    ...{ name: `slab-${wrong}`, title, description },
    setup: full,
    programs: [freeing(0, freeWithWrongLists(wrong)), freeing(1, freeWithWrongLists(wrong))],
    inUse: 0,
    mustFind: { kind: 'assertion', message },
  });

export const bustedSlabs: readonly Exploration[] = [
  twin({
    name: 'slab-frees-with-a-store',
    title: 'objects are freed with a load and a store',
    description: 'Two that free to a slab at a time: the later store forgets the other’s object.',
    setup: owned(4, 4),
    programs: [allocating, freeing(0, freeWithAStore), freeing(1, freeWithAStore)],
    inUse: 3,
    mustFind: { kind: 'assertion', message: /inuse is|in use; expected|partial list/ },
  }),
  twin({
    name: 'slab-frees-before-pointer',
    title: 'a freed object can be seen before its free pointer is written',
    description: 'The owner takes the list and follows a pointer that is not there yet.',
    setup: owned(2, 2),
    programs: [allocating, freeing(0, freeBeforePointer)],
    inUse: 2,
    mustFind: { kind: 'race' },
  }),
  twin({
    name: 'slab-takes-list-with-a-store',
    title: 'the owner takes the slab’s list with a load and a store',
    description: 'An object that is freed in between is on no list.',
    setup: owned(3, 3),
    programs: [
      ({ cpu }, { cache, objects }): void => {
        const own = ownOf(cpu, cache);
        const list = takeWithAStore(cpu.memory, cache, slabFor(cpu, objects[0]!));
        cpu.memory.write(own + CacheCpu.freelist, list);
      },
      freeing(0),
      freeing(1),
    ],
    inUse: 1,
    mustFind: { kind: 'assertion', message: /inuse is|in use; expected/ },
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-takes-one-object',
    title: 'busted twin: single objects are taken off a slab’s list (ABA)',
    description:
      'While one CPU has read head and next, another takes both, and gives the first back on top of a third: head and inuse are as before.',
    on: 'cpu',
    limits: { preemptions: 2 },
    setup(world: World<Cpu>) {
      const slabs = smallCache(world, { perSlab: 3, allocated: 3 });
      const { memory } = world.cpus[0]!;
      const slab = slabFor(world.cpus[0]!, slabs.objects[0]!);
      for (const n of [1, 0]) giveOneObject(memory, slabs.cache, slab, slabs.objects[n]!);
      return slabs;
    },
    programs: [
      ({ cpu }: Program<Cpu>, { cache, objects }): void => {
        const slab = slabFor(cpu, objects[0]!);
        for (let i = 0; i < 2; i++) {
          const object = takeOneObject(cpu.memory, cache, slab);
          if (object !== 0) useObject(cpu, object);
        }
      },
      ({ cpu }: Program<Cpu>, { cache, objects }): void => {
        const slab = slabFor(cpu, objects[0]!);
        const first = takeOneObject(cpu.memory, cache, slab);
        const second = takeOneObject(cpu.memory, cache, slab);
        if (second !== 0) useObject(cpu, second);
        giveOneObject(cpu.memory, cache, slab, objects[2]!);
        if (first !== 0) giveOneObject(cpu.memory, cache, slab, first);
        if (second !== 0) useObject(cpu, second);
      },
    ],
    mustFind: { kind: 'race' },
  }),
  wrongLists(
    'decides-once',
    'whether a slab changes lists is decided from what was read before the lock',
    'Both found the slab full: it is put on the partial list twice, or never given back.',
    /partial list/,
  ),
  wrongLists(
    'forgets-full-slab',
    'nobody puts a full slab on the partial list',
    'The slab is on no list when the next object is freed, which takes it off.',
    /partial list|nrPartial|in use/,
  ),
  twin({
    name: 'slab-lists-without-lock',
    title: 'slabs change lists without the lock',
    description: 'Two CPUs write the list at a time.',
    setup: full,
    programs: [
      freeing(0, freeWithWrongLists('lists-without-lock')),
      freeing(1, freeWithWrongLists('lists-without-lock')),
    ],
    inUse: 0,
    mustFind: { kind: 'race' },
  }),
  twin({
    name: 'slab-gives-back-frozen-slab',
    title: 'an empty slab is given back though a CPU owns it',
    description: 'Its owner goes on allocating from pages that are somebody else’s.',
    setup: owned(2, 2),
    programs: [
      freeing(0, freeWithWrongLists('ignores-frozen')),
      freeing(1, freeWithWrongLists('ignores-frozen')),
    ],
    inUse: 0,
    mustFind: { kind: 'assertion', message: /owns a slab that the cache does not have/ },
  }),
  twin({
    name: 'slab-flushes-with-a-store',
    title: 'a CPU lets go of its slab with a store',
    description: 'What was freed to the slab meanwhile is forgotten.',
    setup: owned(3, 2),
    programs: [({ cpu }, { cache }): void => flushWithAStore(cpu, cache), freeing(0)],
    inUse: 1,
    mustFind: { kind: 'assertion', message: /inuse is|in use; expected/ },
  }),
  twin({
    name: 'slab-flushes-then-lists',
    title: 'a slab is nobody’s before it is on the partial list',
    description: 'Who frees its last object in between takes it off a list that it is not on.',
    setup: owned(2, 1),
    programs: [({ cpu }, { cache }): void => flushThenList(cpu, cache), freeing(0)],
    inUse: 0,
    mustFind: { kind: 'assertion' },
  }),
  twin({
    name: 'slab-takes-partial-unlocked',
    title: 'the partial slab is taken without the lock',
    description: 'Two CPUs take it: it is owned twice, its objects are handed out twice.',
    setup: nobodys(2, 1),
    programs: [
      ({ cpu }, { cache }): void => useIfThere(cpu, takePartialUnlocked(cpu, cache)),
      ({ cpu }, { cache }): void => useIfThere(cpu, takePartialUnlocked(cpu, cache)),
    ],
    inUse: 2,
    mustFind: { kind: 'race' },
  }),
  twin({
    name: 'slab-takes-partial-with-a-store',
    title: 'the partial slab is taken as if only those with the lock freed to it',
    description: 'An object that is freed in between is on no list.',
    setup: nobodys(3, 2),
    programs: [
      ({ cpu }, { cache }): void => useObject(cpu, takePartialWithAStore(cpu, cache)),
      freeing(0),
    ],
    inUse: 2,
    mustFind: { kind: 'assertion', message: /inuse is|in use; expected/ },
  }),
  allocInterrupted({
    name: 'slab-allocs-with-interrupts-on',
    title: 'busted twin: an object is taken with interrupts on',
    description: 'The handler gets the same object.',
    forms: { ...RIGHT, alloc: popWithInterruptsOn },
    mustFind: { kind: 'assertion', message: /in use; expected|free twice|inuse is/ },
  }),
  freeInterrupted({
    name: 'slab-frees-with-interrupts-on',
    title: 'busted twin: an object is given back with interrupts on',
    description: 'What the handler took is on the list again.',
    forms: { ...RIGHT, free: pushWithInterruptsOn },
    mustFind: { kind: 'assertion', message: /in use; expected/ },
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-constructs-at-each-allocation',
    title: 'busted twin: the constructor runs at each allocation',
    description: 'An object is constructed again when it comes from another CPU.',
    on: 'cpu',
    setup: constructedCache,
    programs: [
      ({ cpu }: Program<Cpu>, { cache }): void => {
        for (let i = 0; i < 2; i++) {
          const object = kmemCacheAlloc(cpu, cache, GFP_NOWAIT);
          if (i > 0) countConstructions(cpu, object);
          expectConstructedOnce(cpu, object);
          kmemCacheFree(cpu, cache, object);
        }
      },
    ],
    mustFind: { kind: 'assertion', message: /the constructor ran 2 times/ },
  }),
  exploration<SlabWorld, Cpu>({
    ...DEBUGGED,
    name: 'slab-looks-at-life-in-two-steps',
    title: 'busted twin: whether an object is free already is asked with a load',
    description: 'Two CPUs free one object, and both find it allocated: it is on the list twice.',
    on: 'cpu',
    cpus: 2,
    setup: (world: World<Cpu>) => smallCache(world, { sparse: true, allocated: 2 }),
    program({ cpu }: Program<Cpu>, { cache, objects }) {
      const { memory } = cpu;
      const object = objects[0]!;
      const life = object + memory.read(cache + KmemCache.meta) + ObjectMeta.life;
      if (memory.load(life) !== ObjectLife.alive) return;
      memory.store(life, ObjectLife.free);
      freeToSlab(cpu, cache, slabFor(cpu, object), { first: object, last: object, count: 1 });
    },
    after: (world: World<Cpu>, slabs) => expectInOrder(world, slabs, 1),
    mustFind: { kind: 'race' },
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-destroyed-without-asking',
    title: 'busted twin: a cache is destroyed without asking the CPUs for their slabs',
    description: 'All objects are back, but a slab stays with the CPU that owned it.',
    on: 'cpu',
    setup(world: World<Cpu>) {
      const slabs = smallCache(world, { allocated: 1 });
      kmemCacheFree(world.cpus[0]!, slabs.cache, slabs.objects[0]!);
      return slabs;
    },
    programs: [
      (): void => undefined,
      ({ cpu }: Program<Cpu>, { cache }): void => void freeEmptySlabs(cpu, cache),
    ],
    after: expectDestroyed,
    mustFind: { kind: 'assertion', message: /1 slabs are left of a destroyed cache/ },
  }),
  exploration<SlabWorld, Cpu>({
    ...SMALL,
    name: 'slab-destroyed-with-objects',
    title: 'busted twin: a cache is destroyed, objects in use or not',
    description: 'A late free meets pages that are no slab any more.',
    on: 'cpu',
    setup: nobodys(2, 1),
    programs: [
      ({ cpu }: Program<Cpu>, { cache, objects }): void => {
        const { memory } = cpu;
        const slab = slabFor(cpu, objects[0]!);
        removePartial(memory, cache, slab);
        removeSlab(memory, cache, slab);
        giveBack(cpu, slab, 0);
      },
      ({ cpu }: Program<Cpu>, { cache, objects }): void => {
        kmemCacheFree(cpu, cache, objects[0]!);
      },
    ],
    mustFind: { kind: 'race', message: /\.slab/ },
  }),
];

function useIfThere(cpu: Cpu, object: Ptr): void {
  if (object !== 0) useObject(cpu, object);
}
