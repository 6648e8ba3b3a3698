/**
 * A list that anybody pushes to and one CPU empties. Linux: llist.
 *
 *   head ─▶ newest ─▶ … ─▶ oldest ─▶ 0
 *
 * Pushes go by compare-exchange, the owner takes all with one exchange: so there is no ABA, and nobody waits.
 * `link` is the offset of the next pointer within a node. The pointers are plain: until the push a node is its
 * pusher's, after the exchange it is the taker's. Whoever lets a node be pushed again does so with an atomic
 * store, after the last look at its pointer.
 */
import type { Memory, Ptr } from '@percpu/memory';

/** Linux: llist_add(). Any context. True: the list was empty. */
export function llistAdd(memory: Memory, head: Ptr, node: Ptr, link: number): boolean {
  let first = memory.load(head);
  for (;;) {
    memory.write(node + link, first);
    // Publishes the node; pairs with the exchange in llistTakeAll.
    const seen = memory.compareExchange(head, first, node);
    if (seen === first) return first === 0;
    first = seen;
  }
}

/** Linux: llist_del_all() and llist_reverse_order(). By the owner. The oldest node, the rest linked from it; 0: none. */
export function llistTakeAll(memory: Memory, head: Ptr, link: number): Ptr {
  let oldest = 0;
  // Pairs with the compare-exchange in llistAdd.
  let rest = memory.exchange(head, 0);
  while (rest !== 0) {
    const next = memory.read(rest + link);
    memory.write(rest + link, oldest);
    oldest = rest;
    rest = next;
  }
  return oldest;
}
