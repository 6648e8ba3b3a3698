/** Per-CPU lists: against interrupts of their CPU, against other CPUs that want the pages back. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { GFP_NOWAIT } from '../../gfp.ts';
import { allocPages } from '../../page/alloc-pages.ts';
import { freePages } from '../../page/free-pages.ts';
import { mmView } from '../../page/mm-view.ts';
import { drainAllPages, drainList } from '../../page/per-cpu-lists.ts';
import { addressIn, expectFreePages, tinyZone, warmUp } from '../tiny-zone.ts';

const VECTOR = FIRST_FREE_VECTOR;

/** Allocates a page, writes to it, and frees it. */
export function useOnePage(cpu: Cpu): void {
  const page = allocPages(cpu, GFP_NOWAIT, 0);
  if (page === 0) return;
  cpu.memory.write(addressIn(cpu, page), cpu.id);
  freePages(cpu, page, 0);
}

const interrupted: Exploration = exploration<undefined, Cpu>({
  name: 'list-interrupted',
  title: 'per-CPU list: an interrupt allocates and frees between any two accesses',
  description: 'Every page is on the list or in the zone once, however the handler cuts in.',
  on: 'machine',
  cpus: 1,
  ...tinyZone({ pages: 4, batch: 2, high: 2 }),
  setup(world: World<Cpu>) {
    warmUp(world);
    world.cpus[0]!.setVector(VECTOR, useOnePage);
  },
  program({ cpu }: Program<Cpu>) {
    cpu.raise(cpu.id, VECTOR);
    useOnePage(cpu);
  },
  after: (world: World<Cpu>) => expectFreePages(world, 4),
});

const interruptTakes: Exploration = exploration<Ptr, Cpu>({
  name: 'list-interrupt-takes',
  title: 'per-CPU list: a task and an interrupt get two pages',
  description: 'The handler keeps its page: it is never that of the task.',
  on: 'machine',
  cpus: 1,
  ...tinyZone({ pages: 4, batch: 2, high: 2 }),
  setup(world: World<Cpu>): Ptr {
    warmUp(world);
    const taken = world.alloc(4);
    world.cpus[0]!.setVector(VECTOR, (cpu) =>
      cpu.memory.write(taken, allocPages(cpu, GFP_NOWAIT, 0)),
    );
    return taken;
  },
  program(p: Program<Cpu>) {
    p.cpu.raise(p.cpu.id, VECTOR);
    const page = allocPages(p.cpu, GFP_NOWAIT, 0);
    p.see('page', page !== 0);
    freePages(p.cpu, page, 0);
    allocPages(p.cpu, GFP_NOWAIT, 0);
  },
  after: (world: World<Cpu>) => expectFreePages(world, 2),
});

const drainedBy = (
  name: string,
  how: string,
  preemptions: number,
  drain: (cpu: Cpu) => void,
): Exploration =>
  exploration<undefined, Cpu>({
    name,
    title: `per-CPU list: another CPU wants the pages, ${how} (${preemptions} preemption${preemptions === 1 ? '' : 's'})`,
    description:
      'The list belongs to its CPU: it empties it itself, in an interrupt, which may come between any two accesses.',
    on: 'machine',
    ...tinyZone({ pages: 4, batch: 2, high: 2 }),
    limits: { preemptions },
    setup(world: World<Cpu>) {
      warmUp(world);
      for (const cpu of world.cpus) cpu.setVector(VECTOR, (on) => drainList(on, mmView(on), 0));
    },
    programs: [
      ({ cpu }: Program<Cpu>): void => useOnePage(cpu),
      ({ cpu }: Program<Cpu>): void => drain(cpu),
    ],
    after: (world: World<Cpu>) => expectFreePages(world, 4),
  });

const freedElsewhere: Exploration = exploration<Ptr, Cpu>({
  name: 'list-freed-elsewhere',
  title: 'per-CPU list: a page freed on another CPU than it was allocated on',
  description:
    'It goes to the list of the CPU that frees it, or to the zone; its next owner finds nobody else in it.',
  on: 'cpu',
  ...tinyZone({ pages: 2, high: 0, minFree: 1 }),
  limits: { preemptions: 2 },
  setup(world: World<Cpu>): Ptr {
    warmUp(world);
    return allocPages(world.cpus[0]!, GFP_NOWAIT, 0);
  },
  programs: [
    ({ cpu }: Program<Cpu>): void => useOnePage(cpu),
    ({ cpu, memory }: Program<Cpu>, page): void => {
      memory.write(addressIn(cpu, page), 1);
      freePages(cpu, page, 0);
    },
  ],
  after: (world: World<Cpu>) => expectFreePages(world, 2),
});

export const listExplorations: readonly Exploration[] = [
  interrupted,
  interruptTakes,
  drainedBy('list-drained', 'by an interrupt', 1, (cpu) => cpu.raise(0, VECTOR)),
  drainedBy('list-drained-everywhere', 'by drainAllPages', 0, (cpu) =>
    drainAllPages(cpu, mmView(cpu)),
  ),
  freedElsewhere,
];
