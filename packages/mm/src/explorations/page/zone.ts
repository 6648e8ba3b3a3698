/** The zone itself: blocks are split and merged under its lock, by several CPUs. */
import { allocatorSpec, exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import { PAGE_SIZE } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { __GFP_MEMALLOC, gfp, GFP_NOWAIT } from '../../gfp.ts';
import type { AtomicGfp } from '../../gfp.ts';
import { allocPages } from '../../page/alloc-pages.ts';
import { zoneInfo } from '../../page/buddyinfo.ts';
import { freePages, getPage, putPage } from '../../page/free-pages.ts';
import { addressIn, expectFreePages, expectMerged, tinyZone, warmUp } from '../tiny-zone.ts';

/** One allocation and its free, as operations of an allocator. */
function allocAndFree(p: Program<Cpu>, order: number): void {
  const bytes = PAGE_SIZE * 2 ** order;
  let page = 0;
  const at = p.call('alloc', [bytes], () => {
    page = allocPages(p.cpu, GFP_NOWAIT, order);
    return page === 0 ? 0 : addressIn(p.cpu, page);
  });
  if (page === 0) return;
  // Plain: two that have it at a time are a race.
  p.memory.write(at, p.id);
  p.call('free', [at], () => freePages(p.cpu, page, order));
}

function linearizable(cpus: number, preemptions: number): Exploration {
  const bounded = ` (${preemptions} preemption${preemptions === 1 ? '' : 's'})`;
  return exploration<undefined, Cpu>({
    name: `zone-linearizable-${cpus}`,
    title: `zone: ${cpus} CPUs allocate blocks of 2 pages, of which there are two${bounded}`,
    description:
      'Blocks that are handed out do not overlap; an allocation fails only when both are out. Every history is held against a sequential allocator.',
    on: 'cpu',
    cpus,
    ...tinyZone({ pages: 4 }),
    limits: { preemptions },
    setup: warmUp,
    program: (p: Program<Cpu>) => allocAndFree(p, 1),
    sequential: allocatorSpec({ capacity: 2 }),
    after: (world: World<Cpu>) => expectMerged(world, [0, 0, 1]),
  });
}

/** Below the low watermark pages are freed past the lists: min 4 of 4 pages. */
const PAST_LISTS = { pages: 4, minFree: 4 } as const;
const RESERVE: AtomicGfp = gfp(GFP_NOWAIT, __GFP_MEMALLOC);

/** The two halves of a block of order 1, and what is left of the zone is one of order 1. */
function twoHalves(world: World<Cpu>): readonly Ptr[] {
  warmUp(world);
  const cpu = world.cpus[0]!;
  return [allocPages(cpu, RESERVE, 0), allocPages(cpu, RESERVE, 0)];
}

const mergeAgainstAlloc: Exploration = exploration<readonly Ptr[], Cpu>({
  name: 'zone-merge-against-alloc',
  title:
    'zone: two CPUs free the halves of a block while a third allocates one page (1 preemption)',
  description:
    'The last free merges all there is; a page that is being handed out is never part of a block.',
  on: 'cpu',
  ...tinyZone(PAST_LISTS),
  limits: { preemptions: 1 },
  setup: twoHalves,
  programs: [
    ({ cpu }: Program<Cpu>, [half]): void => freePages(cpu, half!, 0),
    ({ cpu }: Program<Cpu>, [, half]): void => freePages(cpu, half!, 0),
    ({ cpu, memory }: Program<Cpu>): void => {
      const page = allocPages(cpu, RESERVE, 0);
      memory.write(addressIn(cpu, page), 1);
      freePages(cpu, page, 0);
    },
  ],
  after: (world: World<Cpu>) => expectMerged(world, [0, 0, 1]),
});

const bothMerge: Exploration = exploration<readonly Ptr[], Cpu>({
  name: 'zone-both-halves',
  title: 'zone: two CPUs free the two halves of a block at a time',
  description: 'Whoever comes second merges: nobody misses the other.',
  on: 'cpu',
  ...tinyZone(PAST_LISTS),
  setup: twoHalves,
  cpus: 2,
  program: ({ cpu, id }: Program<Cpu>, halves): void => freePages(cpu, halves[id]!, 0),
  after: (world: World<Cpu>) => expectMerged(world, [0, 0, 1]),
});

const watermark: Exploration = exploration<undefined, Cpu>({
  name: 'zone-watermark',
  title: 'zone: two ordinary allocations and one of the reserve, one page above min (1 preemption)',
  description:
    'At most one ordinary allocation succeeds, whoever comes first; the reserve is there for the third.',
  on: 'cpu',
  // 5 pages, min 3, low 4: the first goes down to 4 free pages, the next would be at min.
  ...tinyZone({ pages: 5, minFree: 3 }),
  limits: { preemptions: 1 },
  setup: warmUp,
  programs: [
    (p: Program<Cpu>): void => p.see('a', allocPages(p.cpu, GFP_NOWAIT, 1) !== 0),
    (p: Program<Cpu>): void => p.see('b', allocPages(p.cpu, GFP_NOWAIT, 1) !== 0),
    (p: Program<Cpu>): void => p.see('reserve', allocPages(p.cpu, RESERVE, 1) !== 0),
  ],
  after: (world: World<Cpu>) => {
    const cpu = world.cpus[0]!;
    world.see('left', zoneInfo(cpu).free);
  },
  allowed: [
    { a: true, b: false, reserve: true, left: 1 },
    { a: false, b: true, reserve: true, left: 1 },
    { a: false, b: false, reserve: true, left: 3 },
  ],
});

const references: Exploration = exploration<Ptr, Cpu>({
  name: 'page-references',
  title: 'page: two CPUs give back a reference each',
  description:
    'The one that gives back the last frees, whichever it is, and what the other wrote is done by then.',
  on: 'cpu',
  ...tinyZone({ pages: 2 }),
  setup(world: World<Cpu>): Ptr {
    warmUp(world);
    const cpu = world.cpus[0]!;
    const page = allocPages(cpu, GFP_NOWAIT, 1);
    getPage(cpu, page);
    return page;
  },
  cpus: 2,
  program: ({ cpu, memory, id }: Program<Cpu>, page): void => {
    memory.write(addressIn(cpu, page) + 4 * id, 1);
    putPage(cpu, page);
  },
  after(world: World<Cpu>) {
    expectFreePages(world, 2);
    expectMerged(world, [0, 1]);
  },
});

export const zoneExplorations: readonly Exploration[] = [
  linearizable(2, 2),
  linearizable(3, 1),
  bothMerge,
  mergeAgainstAlloc,
  watermark,
  references,
];
