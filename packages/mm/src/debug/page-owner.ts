/**
 * Who had a page: what `mm.debug` remembers of each, and checks. Linux: page_owner, page_poison.
 *
 * The words are own words: the owner of a page writes them, and a report reads them. A report about a page
 * that changes hands at that moment may be a mixture; one about a bug is not, as nobody uses the page.
 */
import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex, PAGE_SIZE } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import type { MmView } from '../page/mm-view.ts';
import { Page, PageDebug, PageLife } from '../page/page-layout.ts';
import { callSite, siteName } from './call-site.ts';

/** Linux: PAGE_POISON. What free pages are filled with. */
const PAGE_POISON = 0xaa;
const POISON_WORD = 0xaaaa_aaaa;

/** The block is its caller's from here on. Finds writes into free pages that went round the life check. */
export function pageAllocated(cpu: Cpu, view: MmView, page: Ptr, order: number): void {
  const { memory } = cpu;
  const site = callSite(cpu);
  for (let i = 0; i < 2 ** order; i++) {
    const debug = debugOf(view, page + i * Page.size);
    memory.writeOwn(debug + PageDebug.life, PageLife.alive);
    if (wasFreed(memory, debug)) checkPoison(cpu, view, page + i * Page.size);
    memory.writeOwn(debug + PageDebug.allocSite, site);
    memory.writeOwn(debug + PageDebug.allocCpu, cpu.id + 1);
  }
}

/** Before the block goes back. */
export function pageFreed(cpu: Cpu, view: MmView, page: Ptr, order: number): void {
  const { memory } = cpu;
  const site = callSite(cpu);
  memory.fill(addressOf(view, page), PAGE_POISON, PAGE_SIZE * 2 ** order);
  for (let i = 0; i < 2 ** order; i++) {
    const debug = debugOf(view, page + i * Page.size);
    memory.writeOwn(debug + PageDebug.freeSite, site);
    memory.writeOwn(debug + PageDebug.freeCpu, cpu.id + 1);
    memory.writeOwn(debug + PageDebug.life, PageLife.free);
  }
}

/** For the end of a message: who allocated and who freed `page`; '' without `mm.debug`. */
export function historyOf(cpu: Cpu, view: MmView, page: Ptr): string {
  if (view.debug === 0) return '';
  const { memory } = cpu;
  const debug = debugOf(view, page);
  const part = (what: string, site: number, by: number): string =>
    by === 0 ? '' : `, ${what} by CPU ${by - 1} in ${siteName(cpu, site)}`;
  const allocSite = memory.readOwn(debug + PageDebug.allocSite);
  const freeSite = memory.readOwn(debug + PageDebug.freeSite);
  return (
    part('allocated', allocSite, memory.readOwn(debug + PageDebug.allocCpu)) +
    part('freed', freeSite, memory.readOwn(debug + PageDebug.freeCpu))
  );
}

/** Address of the debug words of a page. */
export function debugOf(view: MmView, page: Ptr): Ptr {
  return view.debug + ((page - view.map) / Page.size) * PageDebug.size;
}

function addressOf(view: MmView, page: Ptr): Ptr {
  return view.base + ((page - view.map) / Page.size) * PAGE_SIZE;
}

/** Memory of a machine is 0 until it is freed for the first time. */
function wasFreed(memory: Memory, debug: Ptr): boolean {
  return memory.readOwn(debug + PageDebug.freeCpu) !== 0;
}

function checkPoison(cpu: Cpu, view: MmView, page: Ptr): void {
  const at = addressOf(view, page);
  for (let offset = 0; offset < PAGE_SIZE; offset += 4) {
    const found = cpu.memory.read(at + offset);
    if (found === POISON_WORD) continue;
    bug(
      cpu,
      `page poison overwritten: ${hex(at + offset)} of a free page holds ${hex(found)}${historyOf(cpu, view, page)}`,
    );
  }
}
