/** Allocations that sleep: reclaim, and waiting for somebody's free. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { __GFP_NOFAIL, gfp, GFP_KERNEL, GFP_NOWAIT } from '../../gfp.ts';
import { allocPages } from '../../page/alloc-pages.ts';
import { freePages } from '../../page/free-pages.ts';
import { mmView } from '../../page/mm-view.ts';
import { waitForPages } from '../../page/wait-for-pages.ts';
import { warmUpSleep } from '../warm-up-sleep.ts';
import { expectFreePages, tinyZone, warmUp } from '../tiny-zone.ts';

/** All pages, taken. */
function emptyZone(world: World<Cpu>, pages: number): readonly Ptr[] {
  warmUp(world);
  warmUpSleep(world);
  const taken: Ptr[] = [];
  for (let i = 0; i < pages; i++) taken.push(allocPages(world.cpus[0]!, GFP_NOWAIT, 0));
  return taken;
}

/** How a task that found no page waits for one, and how a page is freed. */
export interface Waiting {
  readonly wait: (cpu: Cpu) => Sleeps<void>;
  readonly free: (cpu: Cpu, page: Ptr) => void;
}

const right: Waiting = {
  wait: (cpu) => waitForPages(cpu, mmView(cpu), 0, 0),
  free: (cpu, page) => freePages(cpu, page, 0),
};

/** In virtual time a wait that is ended by a wake-up takes none. */
export function waitAndFree(
  name: string,
  text: { readonly title: string; readonly description: string },
  { wait, free }: Waiting,
  mustFind?: MustFind,
): Exploration {
  return exploration<readonly Ptr[], Cpu>({
    name,
    ...text,
    on: 'machine',
    ...tinyZone({ pages: 1 }),
    limits: { preemptions: 2 },
    setup: (world: World<Cpu>) => emptyZone(world, 1),
    programs: [
      ({ cpu }: Program<Cpu>, [page]): void => free(cpu, page!),
      function* (p: Program<Cpu>): Sleeps<void> {
        const before = p.cpu.now();
        let page = allocPages(p.cpu, GFP_NOWAIT, 0);
        while (page === 0) {
          yield* wait(p.cpu);
          page = allocPages(p.cpu, GFP_NOWAIT, 0);
        }
        if (p.cpu.now() !== before) throw new Error('the wait ended because time was up');
        freePages(p.cpu, page, 0);
      },
    ],
    after: (world: World<Cpu>) => expectFreePages(world, 1),
    ...(mustFind === undefined ? {} : { mustFind }),
  });
}

const wholePath: Exploration = exploration<readonly Ptr[], Cpu>({
  name: 'alloc-waits-for-a-free',
  title: 'alloc: a task that finds no page gets the one that another CPU frees (no preemption)',
  description: 'Through reclaim, drain and wait, whatever it comes to first.',
  on: 'machine',
  ...tinyZone({ pages: 1 }),
  limits: { preemptions: 0 },
  setup: (world: World<Cpu>) => emptyZone(world, 1),
  programs: [
    function* ({ cpu }: Program<Cpu>): Sleeps<void> {
      const page = yield* allocPages(cpu, gfp(GFP_KERNEL, __GFP_NOFAIL), 0);
      freePages(cpu, page, 0);
    },
    ({ cpu }: Program<Cpu>, [page]): void => freePages(cpu, page!, 0),
  ],
  after: (world: World<Cpu>) => expectFreePages(world, 1),
});

export const waitingExplorations: readonly Exploration[] = [
  waitAndFree(
    'wait-for-pages',
    {
      title: 'alloc: the free of another CPU ends the wait (2 preemptions)',
      description:
        'Whether the waiter finds the page, or the wake-up finds it asleep: it does not wait for its time-out.',
    },
    right,
  ),
  wholePath,
];
