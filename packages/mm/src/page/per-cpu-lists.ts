/**
 * Per-CPU lists of free pages: a page that this CPU freed last is the one it gets next, without a lock.
 *
 *   zone ──batch──▶ list of CPU n ◀──▶ one page at a time ──batch──▶ zone
 *
 * The list belongs to its CPU, with interrupts off: plain accesses. A page freed on another CPU than it was
 * allocated on goes to the list of the CPU that frees it. Another CPU that wants the pages back asks by IPI.
 *
 * Pages get here only from above the low watermark, and when the zone is below it they are freed past the
 * lists: so what is on a list is never part of the reserve, and needs no check to be taken.
 */
import { ttas } from '@percpu/locks';
import { onEachCpuMask } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { perCpuPtr } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { giveBlock, takeBlock } from './buddy.ts';
import type { MmView } from './mm-view.ts';
import { Page } from './page-layout.ts';
import { PerCpuPages, Zone } from './zone-layout.ts';

/** Kernel text: empties the list of the CPU it runs on. */
export const DRAIN = 'mm_drain_local_pages';

/** A page of order 0 of this CPU's list, which is filled up first if it is empty; 0: the zone is at `mark`. */
export function takeFromList(cpu: Cpu, view: MmView, mark: number): Ptr {
  const { memory } = cpu;
  const { lists } = view;
  const flags = cpu.localIrqSave();
  let page = memory.read(lists + PerCpuPages.first);
  if (page === 0) page = refill(cpu, view, mark);
  if (page !== 0) {
    memory.write(lists + PerCpuPages.first, memory.read(page + Page.node));
    memory.write(lists + PerCpuPages.count, memory.read(lists + PerCpuPages.count) - 1);
  }
  cpu.localIrqRestore(flags);
  return page;
}

/** Puts a page on this CPU's list, and a batch back into the zone when there are too many. */
export function giveToList(cpu: Cpu, view: MmView, page: Ptr): void {
  const { memory } = cpu;
  const { lists } = view;
  const flags = cpu.localIrqSave();
  memory.write(page + Page.node, memory.read(lists + PerCpuPages.first));
  memory.write(lists + PerCpuPages.first, page);
  const count = memory.read(lists + PerCpuPages.count) + 1;
  memory.write(lists + PerCpuPages.count, count);
  if (count > view.listHigh) drainList(cpu, view, count - view.batch);
  cpu.localIrqRestore(flags);
}

/** Linux: drain_local_pages(). This CPU's list goes back to the zone, but for `keep` pages. */
export function drainList(cpu: Cpu, view: MmView, keep: number): void {
  const { memory } = cpu;
  const { lists, zone } = view;
  const flags = ttas.lockIrqsave(cpu, zone + Zone.lock);
  let page = memory.read(lists + PerCpuPages.first);
  let count = memory.read(lists + PerCpuPages.count);
  for (; count > keep; count--) {
    const next = memory.read(page + Page.node);
    giveBlock(memory, zone, page, 0);
    page = next;
  }
  memory.write(lists + PerCpuPages.first, page);
  memory.write(lists + PerCpuPages.count, count);
  ttas.unlockIrqrestore(cpu, zone + Zone.lock, flags);
}

/** Linux: drain_all_pages(). The lists of all CPUs go back to the zone. Task context, interrupts on. */
export function drainAllPages(cpu: Cpu, view: MmView): void {
  const { memory, machine } = cpu;
  const attached: number[] = [];
  const offset = memory.read(view.zone + Zone.perCpu);
  for (let id = 0; id < cpu.nrCpus; id++) {
    const lists = perCpuPtr(machine.percpu, offset, id);
    if (memory.load(lists + PerCpuPages.attached) !== 0) attached.push(id);
  }
  onEachCpuMask(cpu, attached, cpu.text.lookup(DRAIN), 0, true);
}

/** Linux: rmqueue_bulk(). A batch, at most down to the low watermark; one page where only `mark` allows it. Returns the first. */
function refill(cpu: Cpu, view: MmView, mark: number): Ptr {
  const { memory } = cpu;
  const { zone, lists } = view;
  ttas.lock(cpu, zone + Zone.lock);
  const free = memory.load(zone + Zone.free);
  const wanted = free > mark ? Math.max(1, Math.min(view.batch, free - view.low)) : 0;
  let first = 0;
  let last = 0;
  let count = 0;
  for (; count < wanted; count++) {
    const page = takeBlock(memory, zone, 0);
    if (page === 0) break;
    if (last === 0) first = page;
    else memory.write(last + Page.node, page);
    last = page;
  }
  ttas.unlock(cpu, zone + Zone.lock);
  if (count === 0) return 0;
  memory.write(last + Page.node, 0);
  memory.write(lists + PerCpuPages.first, first);
  memory.write(lists + PerCpuPages.count, count);
  return first;
}
