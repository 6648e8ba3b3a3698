/** Per-CPU lists with one step wrong. */
import { ttas } from '@percpu/locks';
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { perCpuPtr } from '@percpu/memory';
import { takeBlock } from '../../../page/buddy.ts';
import { mmView } from '../../../page/mm-view.ts';
import type { MmView } from '../../../page/mm-view.ts';
import { Page } from '../../../page/page-layout.ts';
import { drainList } from '../../../page/per-cpu-lists.ts';
import { PerCpuPages, Zone } from '../../../page/zone-layout.ts';
import { expectFreePages, tinyZone, warmUp } from '../../tiny-zone.ts';
import { useOnePage } from '../lists.ts';

const VECTOR = FIRST_FREE_VECTOR;

/** A page of the list, which is empty at first. Interrupts are off only while the zone is locked. */
function takesWithInterruptsOn(cpu: Cpu): void {
  const { memory } = cpu;
  const { lists, zone } = mmView(cpu);
  if (memory.read(lists + PerCpuPages.first) === 0) {
    const flags = ttas.lockIrqsave(cpu, zone + Zone.lock);
    const page = takeBlock(memory, zone, 0);
    ttas.unlockIrqrestore(cpu, zone + Zone.lock, flags);
    // The handler may have put its pages here meanwhile.
    memory.write(page + Page.node, 0);
    memory.write(lists + PerCpuPages.first, page);
    memory.write(lists + PerCpuPages.count, 1);
  }
}

/** Writes the list of CPU 0 from elsewhere, with the zone locked, which the owner does not lock. */
function drainsFromElsewhere(cpu: Cpu): void {
  const view = mmView(cpu);
  const offset = cpu.memory.read(view.zone + Zone.perCpu);
  const lists: Ptr = perCpuPtr(cpu.machine.percpu, offset, 0);
  drainList(cpu, { ...view, lists }, 0);
}

/** The handler empties the list, but was let in between the look and the removal. */
function popsAfterALook(cpu: Cpu): void {
  const { memory } = cpu;
  const view: MmView = mmView(cpu);
  const { lists, zone } = view;
  const page = memory.read(lists + PerCpuPages.first);
  // Something atomic in between, as a statistic would be: an interrupt may come.
  memory.load(zone + Zone.free);
  if (page === 0) return;
  memory.write(lists + PerCpuPages.first, memory.read(page + Page.node));
  memory.write(lists + PerCpuPages.count, memory.read(lists + PerCpuPages.count) - 1);
}

function twin(
  name: string,
  wrong: string,
  programs: readonly ((p: Program<Cpu>) => void)[],
  expected: number,
  mustFind: MustFind,
  handler: (cpu: Cpu) => void = useOnePage,
): Exploration {
  return exploration<undefined, Cpu>({
    name,
    title: `busted twin: ${name}`,
    description: wrong,
    on: 'machine',
    ...tinyZone({ pages: 4, batch: 2, high: 2 }),
    limits: { preemptions: 2 },
    setup(world: World<Cpu>) {
      warmUp(world);
      for (const cpu of world.cpus) {
        useOnePage(cpu);
        if (handler === useOnePage) drainList(cpu, mmView(cpu), 0);
        cpu.setVector(VECTOR, handler);
      }
    },
    programs,
    after: (world: World<Cpu>) => expectFreePages(world, expected),
    mustFind,
  });
}

const lost = { kind: 'assertion', message: /pages should be free/ } as const;

export const bustedLists: readonly Exploration[] = [
  twin(
    'list-filled-with-interrupts-on',
    'Looks whether the list is empty, and fills it, with interrupts on: what a handler freed in between is lost.',
    [
      ({ cpu }) => {
        cpu.raise(cpu.id, VECTOR);
        takesWithInterruptsOn(cpu);
      },
    ],
    4,
    lost,
  ),
  twin(
    'list-taken-with-interrupts-on',
    'Takes the first page in two steps with interrupts on: a handler that empties the list in between leaves it wrong.',
    [
      ({ cpu }) => {
        cpu.raise(cpu.id, VECTOR);
        popsAfterALook(cpu);
      },
    ],
    3,
    { kind: 'assertion', message: /pages should be free|no page/ },
    (cpu) => drainList(cpu, mmView(cpu), 0),
  ),
  twin(
    'list-drained-from-elsewhere',
    'Another CPU empties the list under the lock of the zone, which its owner does not take.',
    [({ cpu }) => useOnePage(cpu), ({ cpu }) => drainsFromElsewhere(cpu)],
    4,
    { kind: 'race', message: /pages of cpu 0/ },
  ),
];
