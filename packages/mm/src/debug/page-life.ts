/**
 * Use after free, found at the access itself: with `mm.debug` on a checked memory, every access of this CPU
 * to a page of the zone asks whether somebody has that page.
 */
import type { Cpu } from '@percpu/machine';
import { hex, PAGE_SIZE, setLifeCheck } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { MmView } from '../page/mm-view.ts';
import { Page, PageDebug, PageLife } from '../page/page-layout.ts';
import { debugOf, historyOf } from './page-owner.ts';

/** Once per CPU. Nothing where memory is not checked. */
export function attachLifeCheck(cpu: Cpu, view: MmView): void {
  if (view.debug === 0) return;
  const { memory } = cpu;
  const end = view.base + view.nrPages * PAGE_SIZE;
  setLifeCheck(memory, (at, size, access) => {
    if (at >= end || at + size <= view.base) return undefined;
    for (let page = pageOf(view, at); page <= pageOf(view, at + size - 1); page += Page.size) {
      if (memory.readOwn(debugOf(view, page) + PageDebug.life) !== PageLife.alive)
        return deadPage(cpu, view, page);
      if (view.slabLife !== null && memory.readOwn(page + Page.slab) !== 0) {
        const dead = view.slabLife(at, size, access);
        if (dead !== undefined) return dead;
      }
    }
    return undefined;
  });
}

function pageOf(view: MmView, at: Ptr): Ptr {
  return view.map + Math.floor((at - view.base) / PAGE_SIZE) * Page.size;
}

function deadPage(cpu: Cpu, view: MmView, page: Ptr): string {
  const history = historyOf(cpu, view, page);
  const pfn = (page - view.map) / Page.size;
  const what = history === '' ? 'a page that was never allocated' : 'use after free';
  return `${what}: page ${hex(page)} pfn ${pfn}${history}`;
}
