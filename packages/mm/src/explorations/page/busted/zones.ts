/** The zone with one step wrong. */
import { ttas } from '@percpu/locks';
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Memory, Ptr } from '@percpu/memory';
import { __GFP_MEMALLOC, gfp, GFP_NOWAIT } from '../../../gfp.ts';
import { allocPages } from '../../../page/alloc-pages.ts';
import { giveBlock, takeBlock } from '../../../page/buddy.ts';
import { zoneInfo } from '../../../page/buddyinfo.ts';
import { freePages, getPage } from '../../../page/free-pages.ts';
import { mmView } from '../../../page/mm-view.ts';
import { Page } from '../../../page/page-layout.ts';
import { giveToList } from '../../../page/per-cpu-lists.ts';
import { Zone } from '../../../page/zone-layout.ts';
import { addressIn, expectMerged, tinyZone, warmUp } from '../../tiny-zone.ts';
import type { TinyZone } from '../../tiny-zone.ts';

const VECTOR = FIRST_FREE_VECTOR;
const RESERVE = gfp(GFP_NOWAIT, __GFP_MEMALLOC);

interface Twin<S> {
  readonly name: string;
  readonly wrong: string;
  readonly zone: TinyZone;
  readonly setup?: (world: World<Cpu>) => S;
  readonly programs: readonly ((p: Program<Cpu>, state: S) => void)[];
  readonly after?: (world: World<Cpu>) => void;
  readonly mustFind: MustFind;
}

function twin<S>({ name, wrong, zone, setup, programs, after, mustFind }: Twin<S>): Exploration {
  return exploration<S, Cpu>({
    name,
    title: `busted twin: ${name}`,
    description: wrong,
    on: 'machine',
    ...tinyZone(zone),
    limits: { preemptions: 2 },
    setup(world: World<Cpu>): S {
      warmUp(world);
      return setup?.(world) as S;
    },
    programs,
    ...(after === undefined ? {} : { after }),
    mustFind,
  });
}

const inZone = (cpu: Cpu, what: (memory: Memory, zone: Ptr) => void): void => {
  const { zone } = mmView(cpu);
  ttas.lock(cpu, zone + Zone.lock);
  what(cpu.memory, zone);
  ttas.unlock(cpu, zone + Zone.lock);
};

/** A buddy is taken for free because nobody has a reference to it: but so it is on a per-CPU list. */
function mergesByReferences(memory: Memory, zone: Ptr, page: Ptr): void {
  const map = memory.read(zone + Zone.map);
  const buddy = map + (((page - map) / Page.size) ^ 1) * Page.size;
  if (memory.load(buddy + Page.refcount) !== 0) giveBlock(memory, zone, page, 0);
  else giveBlock(memory, zone, Math.min(page, buddy), 1);
}

/** The check before the lock, the removal under it. */
function checksTooEarly(cpu: Cpu): void {
  const view = mmView(cpu);
  const { memory } = cpu;
  if (memory.load(view.zone + Zone.free) - 1 <= view.min) return;
  inZone(cpu, (_memory, zone) => takeBlock(memory, zone, 1));
}

/** Two steps for one. */
function putsInTwoSteps(cpu: Cpu, page: Ptr): void {
  const { memory } = cpu;
  const references = memory.load(page + Page.refcount);
  memory.store(page + Page.refcount, references - 1);
  if (references === 1) inZone(cpu, (_memory, zone) => giveBlock(memory, zone, page, 1));
}

export const bustedZones: readonly Exploration[] = [
  twin<undefined>({
    name: 'zone-unlocked',
    wrong: 'Takes a block without the lock.',
    zone: { pages: 4 },
    programs: [
      ({ cpu }) => void takeBlock(cpu.memory, mmView(cpu).zone, 1),
      ({ cpu }) => void allocPages(cpu, GFP_NOWAIT, 1),
    ],
    mustFind: { kind: 'race', message: /zone|page/ },
  }),
  twin<undefined>({
    name: 'zone-locked-with-interrupts-on',
    wrong: 'A handler allocates while its task holds the lock of the zone.',
    zone: { pages: 4 },
    setup({ cpus }): undefined {
      cpus[0]!.setVector(VECTOR, (cpu) => void allocPages(cpu, GFP_NOWAIT, 1));
    },
    programs: [
      ({ cpu }) => {
        cpu.raise(cpu.id, VECTOR);
        inZone(cpu, (memory, zone) => takeBlock(memory, zone, 1));
      },
    ],
    mustFind: { kind: 'oops', message: /recursion/ },
  }),
  twin<readonly Ptr[]>({
    name: 'zone-merges-by-references',
    wrong:
      'Takes a page for free because it has no references: it may lie on a per-CPU list, and is then handed out twice.',
    zone: { pages: 4, high: 2 },
    setup: ({ cpus }) => [allocPages(cpus[0]!, GFP_NOWAIT, 0), allocPages(cpus[0]!, GFP_NOWAIT, 0)],
    programs: [
      ({ cpu }, [half]) => freePages(cpu, half!, 0),
      ({ cpu, memory }, [, half]) => {
        memory.store(half! + Page.refcount, 0);
        inZone(cpu, (_memory, zone) => mergesByReferences(memory, zone, half!));
      },
    ],
    mustFind: { kind: 'race', message: /page 0\.node/ },
  }),
  twin<readonly Ptr[]>({
    name: 'zone-merge-checked-outside-the-lock',
    wrong:
      'Looks at its buddy before it takes the lock: two that free at a time both find the other busy.',
    zone: { pages: 2, minFree: 2 },
    setup: ({ cpus }) => [allocPages(cpus[0]!, RESERVE, 0), allocPages(cpus[0]!, RESERVE, 0)],
    programs: [0, 1].map((mine) => ({ cpu, memory }: Program<Cpu>, halves: readonly Ptr[]) => {
      memory.store(halves[mine]! + Page.refcount, 0);
      const busy = memory.load(halves[1 - mine]! + Page.refcount) !== 0;
      inZone(cpu, (_memory, zone) => {
        memory.fetchAdd(zone + Zone.free, 1);
        if (!busy) memory.fetchAdd(zone + Zone.waiters, 1);
      });
    }),
    after: ({ memory, cpus }) => {
      const merged = memory.load(mmView(cpus[0]!).zone + Zone.waiters);
      if (merged !== 1) throw new Error(`${merged} of two frees merged the halves`);
    },
    mustFind: { kind: 'assertion', message: /2 of two frees/ },
  }),
  twin<undefined>({
    name: 'zone-watermark-checked-outside-the-lock',
    wrong:
      'Looks at the free pages before it takes the lock: two may go below the watermark together.',
    zone: { pages: 4, minFree: 2 },
    programs: [({ cpu }) => checksTooEarly(cpu), ({ cpu }) => checksTooEarly(cpu)],
    after: ({ cpus }) => {
      const { free, min } = zoneInfo(cpus[0]!);
      if (free < min) throw new Error(`${free} pages are free, below the watermark of ${min}`);
    },
    mustFind: { kind: 'assertion', message: /below the watermark/ },
  }),
  twin<Ptr>({
    name: 'reserve-freed-to-a-list',
    wrong:
      'A page of the reserve is freed to a per-CPU list, where the next ordinary allocation takes it.',
    zone: { pages: 3, minFree: 2 },
    setup: ({ cpus }) => {
      const cpu = cpus[0]!;
      allocPages(cpu, RESERVE, 0);
      return allocPages(cpu, RESERVE, 0);
    },
    programs: [
      ({ cpu, memory }, page) => {
        memory.store(page + Page.refcount, 0);
        giveToList(cpu, mmView(cpu), page);
        if (allocPages(cpu, GFP_NOWAIT, 0) !== 0)
          throw new Error('an ordinary allocation took the reserve');
      },
      ({ cpu }) => void allocPages(cpu, GFP_NOWAIT, 0),
    ],
    mustFind: { kind: 'assertion', message: /took the reserve/ },
  }),
  twin<Ptr>({
    name: 'page-put-in-two-steps',
    wrong: 'Reads the references, then writes one less: of two that give theirs back, none frees.',
    zone: { pages: 2 },
    setup: ({ cpus }) => {
      const page = allocPages(cpus[0]!, GFP_NOWAIT, 1);
      getPage(cpus[0]!, page);
      return page;
    },
    programs: [
      ({ cpu }, page) => putsInTwoSteps(cpu, page),
      ({ cpu }, page) => putsInTwoSteps(cpu, page),
    ],
    after: (world) => expectMerged(world, [0, 1]),
    mustFind: { kind: 'assertion', message: /free blocks/ },
  }),
  twin<Ptr>({
    name: 'page-freed-twice',
    wrong: 'Two CPUs free the same page.',
    zone: { pages: 2 },
    setup: ({ cpus }) => allocPages(cpus[0]!, GFP_NOWAIT, 0),
    programs: [
      ({ cpu }, page) => freePages(cpu, page, 0),
      ({ cpu }, page) => freePages(cpu, page, 0),
    ],
    mustFind: { kind: 'oops', message: /double free/ },
  }),
  twin<Ptr>({
    name: 'page-used-after-free',
    wrong: 'Writes to a page after the free; whoever has it then writes too.',
    zone: { pages: 1 },
    setup: ({ cpus }) => allocPages(cpus[0]!, GFP_NOWAIT, 0),
    programs: [
      ({ cpu, memory }, page) => {
        freePages(cpu, page, 0);
        memory.write(addressIn(cpu, page), 1);
      },
      ({ cpu, memory }) => {
        const page = allocPages(cpu, GFP_NOWAIT, 0);
        if (page !== 0) memory.write(addressIn(cpu, page), 2);
      },
    ],
    mustFind: { kind: 'race' },
  }),
];
