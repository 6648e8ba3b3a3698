/** Waiting for a page with one step wrong: the time-out ends it, where a wake-up should. */
import { ttas, waitEventTimeout, wakeUpAll } from '@percpu/locks';
import type { Exploration } from '@percpu/experiment';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { giveBlock } from '../../../page/buddy.ts';
import { freePages } from '../../../page/free-pages.ts';
import { mmView } from '../../../page/mm-view.ts';
import { Page } from '../../../page/page-layout.ts';
import { waitForPages } from '../../../page/wait-for-pages.ts';
import { Zone } from '../../../page/zone-layout.ts';
import { waitAndFree } from '../waiting.ts';
import type { Waiting } from '../waiting.ts';

const wait: Waiting['wait'] = (cpu) => waitForPages(cpu, mmView(cpu), 0, 0);
const free: Waiting['free'] = (cpu, page) => freePages(cpu, page, 0);

function giveToZone(cpu: Cpu, page: Ptr): void {
  const { zone } = mmView(cpu);
  cpu.memory.store(page + Page.refcount, 0);
  const flags = ttas.lockIrqsave(cpu, zone + Zone.lock);
  giveBlock(cpu.memory, zone, page, 0);
  ttas.unlockIrqrestore(cpu, zone + Zone.lock, flags);
}

/** Says that it waits only after its last look. */
function* registersTooLate(cpu: Cpu): Sleeps<void> {
  const { memory } = cpu;
  const { zone } = mmView(cpu);
  if (memory.load(zone + Zone.free) !== 0) return;
  memory.fetchAdd(zone + Zone.waiters, 1);
  let looks = 0;
  yield* waitEventTimeout(cpu, zone + Zone.waitQueue, () => looks++ > 1, 4_000_000);
  memory.fetchAdd(zone + Zone.waiters, -1);
}

function wakesBeforeTheFree(cpu: Cpu, page: Ptr): void {
  const { zone } = mmView(cpu);
  if (cpu.memory.load(zone + Zone.waiters) !== 0) wakeUpAll(cpu, zone + Zone.waitQueue);
  giveToZone(cpu, page);
}

const late = { kind: 'oops', message: /time was up/ } as const;
const text = (name: string, description: string): { title: string; description: string } => ({
  title: `busted twin: ${name}`,
  description,
});

export const bustedWaits: readonly Exploration[] = [
  waitAndFree(
    'wait-registers-too-late',
    text('wait-registers-too-late', 'Says that it waits after its last look for a page.'),
    { wait: registersTooLate, free },
    late,
  ),
  waitAndFree(
    'free-wakes-too-early',
    text('free-wakes-too-early', 'Looks for waiters before the page is there.'),
    { wait, free: wakesBeforeTheFree },
    late,
  ),
  waitAndFree(
    'free-forgets-to-wake',
    text('free-forgets-to-wake', 'Frees without looking for waiters.'),
    { wait, free: giveToZone },
    late,
  ),
];
