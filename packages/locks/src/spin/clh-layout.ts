/** The words of `clh`; clh-lock.ts draws the states. */
import { CACHE_LINE, layout, memblockAlloc } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';
import { assertFits } from '../assert-fits.ts';

const fields = {
  /** Low word: node of the last in the queue, 0 = the lock was never taken. High word: how often that node has been used. */
  tail: 'i64',
  magic: 'u32',
} as const;

export const ClhLock: Layout<typeof fields> = layout(fields, { name: 'ClhLock' });
assertFits(ClhLock, CACHE_LINE);

const nodeFields = {
  /** 1: its CPU holds the lock, or waits for it. */
  busy: 'u32',
  /** Plain: whoever has the node counts. */
  uses: 'u32',
} as const;

/** A node belongs to nobody for long: who gets a lock goes on with the node of the CPU before it. */
export const ClhNode: Layout<typeof nodeFields> = layout(nodeFields, { name: 'ClhNode' });

const slotFields = {
  /** The lock for which the slot is in use, 0 = none. Own: only its CPU looks at it. */
  lock: 'ptr',
  /** The node to queue with next, or with which the lock is held; 0 = none yet. Own. */
  node: 'ptr',
  /** The node of the CPU before us. Own. */
  before: 'ptr',
} as const;

/** A place of a CPU for a node: one for each lock that it may hold at a time. */
export const ClhSlot: Layout<typeof slotFields> = layout(slotFields, { name: 'ClhSlot' });

/** A free node on a line of its own. It is never given back: each lock keeps one, each slot has at most one. */
export function allocClhNode(memory: Memory): Ptr {
  const node = memblockAlloc(memory, ClhNode.size, CACHE_LINE);
  memory.describe(node, ClhNode);
  return node;
}
