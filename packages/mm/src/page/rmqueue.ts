/** Taking a block out of the zone, and making it somebody's. Linux: rmqueue(), prep_new_page(). */
import { ttas } from '@percpu/locks';
import type { Cpu } from '@percpu/machine';
import { PAGE_SIZE } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { pageAllocated } from '../debug/page-owner.ts';
import { __GFP_ZERO } from '../gfp.ts';
import type { Gfp } from '../gfp.ts';
import { takeBlock } from './buddy.ts';
import type { MmView } from './mm-view.ts';
import { Page } from './page-layout.ts';
import { takeFromList } from './per-cpu-lists.ts';
import { watermarkOk } from './watermark.ts';
import { Zone } from './zone-layout.ts';

/** One attempt: a block that leaves the zone above `mark`, with one reference; 0: there is none. Any context. */
export function rmqueue(cpu: Cpu, view: MmView, flags: Gfp, order: number, mark: number): Ptr {
  const page = order === 0 ? takeFromList(cpu, view, mark) : takeLarge(cpu, view, order, mark);
  if (page !== 0) prepare(cpu, view, page, flags, order);
  return page;
}

function takeLarge(cpu: Cpu, view: MmView, order: number, mark: number): Ptr {
  const { memory } = cpu;
  const { zone } = view;
  const flags = ttas.lockIrqsave(cpu, zone + Zone.lock);
  const page = watermarkOk(memory, view, order, mark) ? takeBlock(memory, zone, order) : 0;
  ttas.unlockIrqrestore(cpu, zone + Zone.lock, flags);
  return page;
}

function prepare(cpu: Cpu, view: MmView, page: Ptr, flags: Gfp, order: number): void {
  const { memory } = cpu;
  memory.write(page + Page.order, order);
  for (let i = 1; i < 2 ** order; i++) memory.write(page + i * Page.size + Page.head, page);
  // Nobody else knows the page; whoever is told of it, is told after this.
  memory.store(page + Page.refcount, 1);
  if (view.debug !== 0) pageAllocated(cpu, view, page, order);
  if ((flags & __GFP_ZERO) !== 0) {
    const at = view.base + ((page - view.map) / Page.size) * PAGE_SIZE;
    memory.fill(at, 0, PAGE_SIZE * 2 ** order);
  }
}
