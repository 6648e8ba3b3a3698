/**
 * Freeing pages, and references to them.
 *
 * A page goes to this CPU's list, or past it into the zone if it is one of several, if the zone is below its
 * low watermark, or if somebody waits:
 *
 *   waiter                                     who frees
 *   F1 waiters + 1                             G1 block into the zone, under its lock
 *   F2 is there a block? (under the lock)      G2 waiters ≠ 0? then wake them
 *
 * If F2 misses G1, then F1 comes before G2. (A page that went to a list before F1 is found by the drain of the
 * waiter's next round.)
 */
import { ttas, wakeUpAll } from '@percpu/locks';
import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { historyOf, pageFreed } from '../debug/page-owner.ts';
import { giveBlock } from './buddy.ts';
import { mmView } from './mm-view.ts';
import type { MmView } from './mm-view.ts';
import { MAX_ORDER, Page } from './page-layout.ts';
import { giveToList } from './per-cpu-lists.ts';
import { Zone } from './zone-layout.ts';

/**
 * Linux: __free_pages(). Gives back a reference to 2^order pages; the last one frees them. `page` and `order`
 * are those of the allocation. Any context but NMI. Another page, another order or a page that is free is a BUG.
 */
export function freePages(cpu: Cpu, page: Ptr, order: number): void {
  const view = mmView(cpu);
  const { memory } = cpu;
  check(cpu, view, page, order);
  // Edge P: what other holders of a reference did with the page comes before what its next owner does.
  const references = memory.fetchAdd(page + Page.refcount, -1);
  if (references === 1) release(cpu, view, page, order);
  else if (references === 0) badPage(cpu, view, page, 'double free');
}

/** Linux: put_page(). Gives back a reference to the block whose head `page` is, of whatever order. Any context but NMI. */
export function putPage(cpu: Cpu, page: Ptr): void {
  const view = mmView(cpu);
  checkAddress(cpu, view, page);
  const order = cpu.memory.read(page + Page.order);
  freePages(cpu, page, order);
}

/** Linux: get_page(). One more reference, for whoever has one. Any context. */
export function getPage(cpu: Cpu, page: Ptr): void {
  const view = mmView(cpu);
  checkAddress(cpu, view, page);
  if (cpu.memory.fetchAdd(page + Page.refcount, 1) !== 0) return;
  cpu.memory.fetchAdd(page + Page.refcount, -1);
  badPage(cpu, view, page, 'a reference to a page that is free');
}

/** Linux: page_count(). */
export function pageCount(cpu: Cpu, page: Ptr): number {
  return cpu.memory.load(page + Page.refcount);
}

function release(cpu: Cpu, view: MmView, page: Ptr, order: number): void {
  const { memory } = cpu;
  const { zone } = view;
  if (view.debug !== 0) pageFreed(cpu, view, page, order);
  if (
    order === 0 &&
    memory.load(zone + Zone.free) > view.low &&
    memory.load(zone + Zone.waiters) === 0
  ) {
    giveToList(cpu, view, page);
    return;
  }
  for (let i = 1; i < 2 ** order; i++) memory.write(page + i * Page.size + Page.head, 0);
  const flags = ttas.lockIrqsave(cpu, zone + Zone.lock);
  giveBlock(memory, zone, page, order); // G1
  ttas.unlockIrqrestore(cpu, zone + Zone.lock, flags);
  // G2
  if (memory.load(zone + Zone.waiters) !== 0) wakeUpAll(cpu, zone + Zone.waitQueue);
}

function check(cpu: Cpu, view: MmView, page: Ptr, order: number): void {
  const { memory } = cpu;
  checkAddress(cpu, view, page);
  const head = memory.read(page + Page.head);
  if (head !== 0) badPage(cpu, view, page, `not the first of its block, which is ${hex(head)}`);
  const allocated = memory.read(page + Page.order);
  if (allocated === order) return;
  // Free already? Then that is what is wrong, and not the order.
  const what =
    memory.load(page + Page.refcount) === 0 ? 'double free' : `freed with order ${order}`;
  badPage(cpu, view, page, `${what}, was allocated with order ${allocated} (0 … ${MAX_ORDER})`);
}

function checkAddress(cpu: Cpu, { map, nrPages }: MmView, page: Ptr): void {
  const index = (page - map) / Page.size;
  if (index >= 0 && index < nrPages && Number.isInteger(index)) return;
  bug(
    cpu,
    `bad page: ${hex(page)} is no struct page; accepted is what allocPages returned ` +
      `(virtToPage finds the page of an address)`,
  );
}

/** Linux: bad_page(). */
function badPage(cpu: Cpu, view: MmView, page: Ptr, why: string): never {
  const pfn = (page - view.map) / Page.size;
  return bug(
    cpu,
    `bad page state: page ${hex(page)} pfn ${pfn}: ${why}${historyOf(cpu, view, page)}`,
  );
}
