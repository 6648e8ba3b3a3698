/**
 * One CPU's view of the memory manager: constants of the zone, copied, and this CPU's lists. The first CPU to
 * ask creates the zone from what memblock has left.
 */
import { lockView } from '@percpu/locks';
import { bug, printk } from '@percpu/machine';
import type { Cpu, Subsystem } from '@percpu/machine';
import { memblockAlloc, memblockLeft, PAGE_SIZE, percpuAlloc, perCpuPtr } from '@percpu/memory';
import type { LifeCheck, Memory, Ptr } from '@percpu/memory';
import { allocFaults, faultView } from '../fault-injection/fault-attr.ts';
import type { FaultView } from '../fault-injection/fault-attr.ts';
import { MM_DEBUG, MM_MIN_FREE, MM_PAGES, MM_PCP_BATCH, MM_PCP_HIGH } from '../mm-parameters.ts';
import { giveRange } from './buddy.ts';
import { Page, PageDebug } from './page-layout.ts';
import { DRAIN, drainList } from './per-cpu-lists.ts';
import { attachLifeCheck } from '../debug/page-life.ts';
import { PerCpuPages, Zone } from './zone-layout.ts';

export interface MmView {
  readonly zone: Ptr;
  readonly base: Ptr;
  readonly map: Ptr;
  readonly nrPages: number;
  readonly min: number;
  readonly low: number;
  readonly high: number;
  /** This CPU's `PerCpuPages`. */
  readonly lists: Ptr;
  readonly batch: number;
  readonly listHigh: number;
  /** Of PageDebug; 0 without `mm.debug`. */
  readonly debug: Ptr;
  readonly faults: FaultView;
  /** Tasks of this CPU between memallocNoreclaimSave and …Restore. Linux: PF_MEMALLOC. */
  readonly memalloc: Set<Ptr>;
  /** What slabs know of the bytes of their pages; asked for pages with `Page.slab`. Set by src/slab. */
  slabLife: LifeCheck | null;
  /** Shared strings by text (call-site.ts). */
  readonly sites: Map<string, Ptr>;
}

function makeView(cpu: Cpu, zone: Ptr): MmView {
  const { memory, machine } = cpu;
  const nrPages = memory.read(zone + Zone.nrPages);
  const batch = cpu.parameter(MM_PCP_BATCH) || defaultBatch(nrPages, cpu.nrCpus);
  return {
    zone,
    base: memory.read(zone + Zone.base),
    map: memory.read(zone + Zone.map),
    debug: memory.read(zone + Zone.debug),
    nrPages,
    min: memory.read(zone + Zone.min),
    low: memory.read(zone + Zone.low),
    high: memory.read(zone + Zone.high),
    lists: perCpuPtr(machine.percpu, memory.read(zone + Zone.perCpu), cpu.id),
    batch,
    listHigh: cpu.parameter(MM_PCP_HIGH) || LIST_BATCHES * batch,
    faults: faultView(cpu, memory.read(zone + Zone.faults)),
    memalloc: new Set<Ptr>(),
    slabLife: null,
    sites: new Map<string, Ptr>(),
  };
}

/** Linux before 6.7: pcp->high is six batches. */
const LIST_BATCHES = 6;
const LARGEST_BATCH = 32;

/** The lists of all CPUs together hold at most an eighth of the zone. A power of two, so that batches keep to blocks. */
function defaultBatch(nrPages: number, nrCpus: number): number {
  const most = nrPages / (8 * LIST_BATCHES * nrCpus);
  return Math.min(LARGEST_BATCH, 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, most)))));
}

/** Linux: init_per_zone_wmark_min(): min_free_kbytes = 4 √(lowmem kB), here in pages and for small memories too. */
function minFree(cpu: Cpu, nrPages: number): number {
  const given = cpu.parameter(MM_MIN_FREE);
  if (given >= 0) return Math.floor(given);
  return Math.floor(Math.min(2 * Math.sqrt(nrPages), nrPages / 16));
}

const subsystem: Subsystem<MmView> = {
  name: 'mm',
  create: createZone,
  attach(cpu: Cpu, zone: Ptr): MmView {
    // The first look of a CPU takes the boot lock.
    lockView(cpu);
    const view = makeView(cpu, zone);
    cpu.text.define(DRAIN, (on) => drainList(on, view, 0));
    attachLifeCheck(cpu, view);
    // Pairs with the load in drainAllPages: whom it finds attached knows the function.
    cpu.memory.store(view.lists + PerCpuPages.attached, 1);
    return view;
  },
};

/** This CPU's view. Any context; the first call of a CPU may wait: not in NMIs. */
export function mmView(cpu: Cpu): MmView {
  return (cpu.mmView as MmView | null) ?? attach(cpu);
}

function attach(cpu: Cpu): MmView {
  const view = cpu.use(subsystem);
  cpu.mmView = view;
  return view;
}

function createZone(cpu: Cpu): Ptr {
  const { memory, machine } = cpu;
  const zone = memblockAlloc(memory, Zone.size, Zone.align);
  const nrPages = pagesOf(cpu);
  const debug = cpu.parameter(MM_DEBUG);
  const min = minFree(cpu, nrPages);
  memory.write(zone + Zone.nrPages, nrPages);
  memory.write(zone + Zone.map, memblockAlloc(memory, nrPages * Page.size));
  if (debug) memory.write(zone + Zone.debug, memblockAlloc(memory, nrPages * PageDebug.size));
  memory.write(zone + Zone.base, memblockAlloc(memory, nrPages * PAGE_SIZE, PAGE_SIZE));
  memory.write(zone + Zone.min, min);
  memory.write(zone + Zone.low, min + Math.ceil(min / 4));
  memory.write(zone + Zone.high, min + Math.ceil(min / 2));
  memory.write(
    zone + Zone.perCpu,
    percpuAlloc(memory, machine.percpu, PerCpuPages.size, PerCpuPages.align),
  );
  memory.write(zone + Zone.faults, allocFaults(cpu));
  describe(cpu, zone, nrPages);
  giveRange(memory, zone, nrPages);
  printk(cpu, 'info', `mm: ${nrPages} pages of ${PAGE_SIZE} bytes, watermarks ${min} pages`);
  return zone;
}

/** Pages that the struct pages are for, and those themselves, must fit. */
function pagesOf(cpu: Cpu): number {
  const perPage = PAGE_SIZE + Page.size + PageDebug.size;
  // A page for alignment, one for what is allocated beside.
  const room = Math.floor((memblockLeft(cpu.memory) - 2 * PAGE_SIZE) / perPage);
  const wanted = cpu.parameter(MM_PAGES);
  if (wanted === 0 && room >= 2) return room >>> 1;
  if (wanted === 0 || wanted > room) {
    bug(
      cpu,
      `mm.pages=${wanted}: memory has room for ${Math.max(0, room)} pages; give the machine more memory`,
    );
  }
  return wanted;
}

/** Named page by page where somebody may read it. */
const NAMED_PAGES = 256;

function describe({ memory, machine, nrCpus }: Cpu, zone: Ptr, nrPages: number): void {
  memory.describe(zone, Zone, 'zone');
  const map = memory.read(zone + Zone.map);
  const lists = memory.read(zone + Zone.perCpu);
  for (let i = 0; i < Math.min(nrPages, NAMED_PAGES); i++)
    memory.describe(map + i * Page.size, Page, `page ${i}`);
  for (let id = 0; id < nrCpus; id++)
    memory.describe(perCpuPtr(machine.percpu, lists, id), PerCpuPages, `pages of cpu ${id}`);
}

/** Address of the memory of a page. Linux: page_address(). Any context. */
export function pageAddress(cpu: Cpu, page: Ptr): Ptr {
  const { base, map } = mmView(cpu);
  return base + ((page - map) / Page.size) * PAGE_SIZE;
}

/** The page that address `at` lies in; 0: none of the zone's. Linux: virt_to_page(), with the check. Any context. */
export function virtToPage(cpu: Cpu, at: Ptr): Ptr {
  const { base, map, nrPages } = mmView(cpu);
  const index = Math.floor((at - base) / PAGE_SIZE);
  return index >= 0 && index < nrPages ? map + index * Page.size : 0;
}

/** The head of the block that `page` is part of. Linux: compound_head(). Its owner, any context. */
export function compoundHead(memory: Memory, page: Ptr): Ptr {
  return memory.read(page + Page.head) || page;
}
