/** What explorations of the allocators share: a zone of a few pages, and what must be true of it at the end. */
import type { World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import { PAGE_SIZE } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { MM_PARAMETERS } from '../mm-parameters.ts';
import { pagesOnList, zoneInfo } from '../page/buddyinfo.ts';
import { mmView } from '../page/mm-view.ts';
import { Page } from '../page/page-layout.ts';

export interface TinyZone {
  readonly pages: number;
  readonly minFree?: number;
  /** Pages that a list takes at a time. Default 1. */
  readonly batch?: number;
  /** Pages on a list before a batch goes back. Default 1. */
  readonly high?: number;
  /** Linux: fail_page_alloc. */
  readonly failing?: string;
}

interface ZoneOptions {
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly declares: readonly object[];
}

/** Fields of an exploration. */
export function tinyZone({
  pages,
  minFree = 0,
  batch = 1,
  high = 1,
  failing = '',
}: TinyZone): ZoneOptions {
  return {
    parameters: {
      'mm.pages': pages,
      'mm.min_free': minFree,
      'mm.pcp.batch': batch,
      'mm.pcp.high': high,
      'mm.fail_page_alloc': failing,
    },
    declares: MM_PARAMETERS,
  };
}

/** The first look of a CPU takes the boot lock: not what is explored. */
export function warmUp({ cpus }: World<Cpu>): undefined {
  for (const cpu of cpus) mmView(cpu);
}

/** For `after`: `expected` pages are free, in the zone or on lists, each of them once. */
export function expectFreePages({ cpus }: World<Cpu>, expected: number): void {
  const cpu = cpus[0]!;
  const { free } = zoneInfo(cpu);
  let listed = 0;
  for (const { id } of cpus) listed += pagesOnList(cpu, id);
  if (free + listed !== expected) {
    throw new Error(
      `${expected} pages should be free; ${free} are in the zone, ${listed} on lists`,
    );
  }
}

/** For `after`: nothing is missing from the largest blocks. */
export function expectMerged({ cpus }: World<Cpu>, blocks: readonly number[]): void {
  const found = zoneInfo(cpus[0]!).blocks.slice(0, blocks.length);
  if (found.some((count, order) => count !== blocks[order]))
    throw new Error(`free blocks of order 0… are ${found.join(' ')}, not ${blocks.join(' ')}`);
}

/** Address of the memory of a page, without an access. */
export function addressIn(cpu: Cpu, page: Ptr): Ptr {
  const { base, map } = mmView(cpu);
  return base + ((page - map) / Page.size) * PAGE_SIZE;
}
