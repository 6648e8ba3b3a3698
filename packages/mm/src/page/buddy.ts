/**
 * The buddy system (Knowlton, CACM 1965): free blocks of 2^order pages, aligned to their size. A block is split
 * in halves for a smaller one; a block that is freed merges with its other half, its buddy, if that is free too.
 *
 *   order 3   [        0        ]        buddy of block i of order k: i xor 2^k
 *   order 2   [   0    ][   4   ]        together they are block i and not 2^k of order k + 1
 *   order 1   [ 0  ][ 2 ]
 *   order 0   [0][1]
 *
 * All functions: under the lock of the zone, interrupts off.
 */
import { listAdd, listAddTail, listDel, listFirst } from '@percpu/locks';
import type { Memory, Ptr } from '@percpu/memory';
import { MAX_ORDER, Page } from './page-layout.ts';
import { FreeArea, Zone } from './zone-layout.ts';

/** Linux: __rmqueue_smallest(). A block of `order`, split off the smallest that is large enough; 0: there is none. */
export function takeBlock(memory: Memory, zone: Ptr, order: number): Ptr {
  for (let from = order; from <= MAX_ORDER; from++) {
    const page = listFirst(memory, areaOf(zone, from) + FreeArea.blocks);
    if (page === 0) continue;
    unlink(memory, zone, page, from);
    // The upper halves go back, largest first.
    for (let half = from - 1; half >= order; half--)
      link(memory, zone, page + Page.size * 2 ** half, half, false);
    count(memory, zone, -(2 ** order));
    return page;
  }
  return 0;
}

/** Linux: __free_one_page(). Merges `page` with its buddies as far as that goes. */
export function giveBlock(memory: Memory, zone: Ptr, page: Ptr, order: number): void {
  const map = memory.read(zone + Zone.map);
  const nrPages = memory.read(zone + Zone.nrPages);
  let index = (page - map) / Page.size;
  count(memory, zone, 2 ** order);
  let merged = order;
  for (; merged < MAX_ORDER; merged++) {
    const buddy = index ^ (2 ** merged);
    if (buddy + 2 ** merged > nrPages) break;
    const other = map + buddy * Page.size;
    if (memory.read(other + Page.buddy) !== merged + 1) break;
    unlink(memory, zone, other, merged);
    index &= ~(2 ** merged);
  }
  link(memory, zone, map + index * Page.size, merged, false);
}

/** All pages from 0 on, in the largest blocks they make. Before anybody knows the zone. */
export function giveRange(memory: Memory, zone: Ptr, nrPages: number): void {
  const map = memory.read(zone + Zone.map);
  for (let index = 0; index < nrPages;) {
    let order = MAX_ORDER;
    while (index % 2 ** order !== 0 || index + 2 ** order > nrPages) order--;
    link(memory, zone, map + index * Page.size, order, true);
    index += 2 ** order;
  }
  memory.store(zone + Zone.free, nrPages);
}

/** Free blocks of each order, 0 first. */
export function countBlocks(memory: Memory, zone: Ptr): number[] {
  const counts: number[] = [];
  for (let order = 0; order <= MAX_ORDER; order++)
    counts.push(memory.read(areaOf(zone, order) + FreeArea.count));
  return counts;
}

/** Is there a free block of `order` or larger? */
export function hasBlock(memory: Memory, zone: Ptr, order: number): boolean {
  for (let from = order; from <= MAX_ORDER; from++)
    if (memory.read(areaOf(zone, from) + FreeArea.count) !== 0) return true;
  return false;
}

function areaOf(zone: Ptr, order: number): Ptr {
  return zone + Zone.areas + order * FreeArea.size;
}

function link(memory: Memory, zone: Ptr, page: Ptr, order: number, last: boolean): void {
  const area = areaOf(zone, order);
  if (last) listAddTail(memory, area + FreeArea.blocks, page);
  else listAdd(memory, area + FreeArea.blocks, page);
  memory.write(page + Page.buddy, order + 1);
  memory.write(area + FreeArea.count, memory.read(area + FreeArea.count) + 1);
}

function unlink(memory: Memory, zone: Ptr, page: Ptr, order: number): void {
  const area = areaOf(zone, order);
  listDel(memory, area + FreeArea.blocks, page);
  memory.write(page + Page.buddy, 0);
  memory.write(area + FreeArea.count, memory.read(area + FreeArea.count) - 1);
}

/** Only under the lock, but read by anybody. */
function count(memory: Memory, zone: Ptr, pages: number): void {
  memory.fetchAdd(zone + Zone.free, pages);
}
