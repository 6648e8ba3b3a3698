/** Pages that nobody gave back. */
import { bug, printk } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { mmView } from '../page/mm-view.ts';
import { Page, PageDebug } from '../page/page-layout.ts';
import { siteName } from './call-site.ts';
import { debugOf } from './page-owner.ts';

export interface PageLeak {
  readonly page: Ptr;
  readonly pfn: number;
  readonly order: number;
  readonly references: number;
  /** Where it was allocated, and on which CPU. */
  readonly site: string;
  readonly cpu: number;
}

/**
 * The blocks that somebody still has: for the end of a program, when nobody should. In dmesg too. Needs `mm.debug`;
 * nobody allocates or frees meanwhile.
 */
export function reportPageLeaks(cpu: Cpu): readonly PageLeak[] {
  const view = mmView(cpu);
  if (view.debug === 0) bug(cpu, 'reportPageLeaks: boot with mm.debug to know who has a page');
  const { memory } = cpu;
  const leaks: PageLeak[] = [];
  for (let pfn = 0; pfn < view.nrPages; pfn++) {
    const page = view.map + pfn * Page.size;
    const references = memory.load(page + Page.refcount);
    // Slabs are told of by their cache.
    if (references === 0 || memory.read(page + Page.slab) !== 0) continue;
    const debug = debugOf(view, page);
    const site = siteName(cpu, memory.readOwn(debug + PageDebug.allocSite));
    const by = memory.readOwn(debug + PageDebug.allocCpu) - 1;
    leaks.push({ page, pfn, order: memory.read(page + Page.order), references, site, cpu: by });
  }
  for (const { page, pfn, order, site, cpu: by } of leaks) {
    printk(
      cpu,
      'err',
      `page leak: ${hex(page)} pfn ${pfn} order ${order}, allocated by CPU ${by} in ${site}`,
    );
  }
  return leaks;
}
