/** Pages of all small orders, allocated and freed by tasks and interrupt handlers, until memory is short. */
import { torture } from '@percpu/experiment';
import type { Torture, TortureContext } from '@percpu/experiment';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { __GFP_NORETRY, __GFP_NOWARN, gfp, GFP_KERNEL, GFP_NOWAIT } from '../gfp.ts';
import { allocPages } from '../page/alloc-pages.ts';
import { takeBlock } from '../page/buddy.ts';
import { zoneInfo } from '../page/buddyinfo.ts';
import { freePages } from '../page/free-pages.ts';
import { mmView } from '../page/mm-view.ts';
import { drainAllPages } from '../page/per-cpu-lists.ts';
import { checkBlock, markBlock } from './blocks.ts';

const ORDERS = 5;
const SLEEPING = gfp(GFP_KERNEL, __GFP_NORETRY, __GFP_NOWARN);

/** How a block is had; wrong in a twin. */
interface PageTorture {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly take: (cpu: Cpu, order: number, sleeps: boolean) => Sleeps<Ptr>;
  readonly mustFail?: RegExp;
}

function* takeRight(cpu: Cpu, order: number, sleeps: boolean): Sleeps<Ptr> {
  return sleeps ? yield* allocPages(cpu, SLEEPING, order) : allocPages(cpu, GFP_NOWAIT, order);
}

/** Without the lock of the zone. */
function* takeUnlocked(cpu: Cpu, order: number): Sleeps<Ptr> {
  return takeBlock(cpu.memory, mmView(cpu).zone, order);
}

function pageTorture({ take, ...text }: PageTorture): Torture {
  const right = text.mustFail === undefined;
  return torture<Cpu>({
    ...text,
    tasks: 2,
    setup(cpu, { alloc }) {
      mmView(cpu);
      return alloc(4);
    },
    *round(cpu, _at, { random, index, task, tasks }: TortureContext): Sleeps<void> {
      const mark = 1 + index * tasks + task;
      const blocks: { page: Ptr; order: number }[] = [];
      for (let count = 1 + random.below(8); count > 0; count--) {
        const order = random.below(ORDERS);
        const page = yield* take(cpu, order, random.below(4) === 0);
        if (page === 0) break;
        markBlock(cpu, page, order, mark);
        blocks.push({ page, order });
      }
      if (random.below(2) === 0) yield;
      for (const { page, order } of blocks) {
        checkBlock(cpu, page, order, mark);
        if (right) freePages(cpu, page, order);
      }
    },
    interrupt(cpu) {
      const page = allocPages(cpu, GFP_NOWAIT, 0);
      if (page === 0) return;
      markBlock(cpu, page, 0, 0x1000 + cpu.id);
      checkBlock(cpu, page, 0, 0x1000 + cpu.id);
      freePages(cpu, page, 0);
    },
    verify(cpu) {
      drainAllPages(cpu, mmView(cpu));
      const { free, pages } = zoneInfo(cpu);
      if (free !== pages) throw new Error(`${pages - free} of ${pages} pages did not come back`);
    },
  });
}

export const pageTortures: readonly Torture[] = [
  pageTorture({
    name: 'page-torture',
    title: 'pages, in tasks and interrupts',
    description: 'Nobody writes into the block of another, and all pages come back.',
    take: takeRight,
  }),
  pageTorture({
    name: 'page-torture-unlocked',
    title: 'busted twin: blocks taken without the lock of the zone',
    description: 'Two get the same block, or pages get lost.',
    take: takeUnlocked,
    mustFail: /holds \d+, not|did not come back|bad page|NULL|no 32-bit value/,
  }),
];
