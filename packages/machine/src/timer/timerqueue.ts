/**
 * The queue under timers and hrtimers: ordered by expiry, and among equals by arrival. Intrusive, so
 * it holds as many timers as there is memory for, and arming one allocates nothing.
 *
 * A pairing heap (Fredman, Sedgewick, Sleator and Tarjan, "The pairing heap: a new form of
 * self-adjusting heap", Algorithmica 1, 1986). Children of a node form a list, the newest first:
 *
 *        root              child   first of the list of children
 *        │ child           next    the sibling to the right
 *        ▼     next        prev    the sibling to the left; of a first child: the parent
 *        a ⇄ b ⇄ c
 *
 *   look at the first      1 read
 *   add                    1 comparison
 *   remove any             amortised O(log n); a single one may touch all children of its node,
 *                          which is n after n additions in ascending order, and is paid only once
 *
 * Why not Linux's wheel: a wheel adds in O(1) as well, but it does not know its next expiry, which a
 * CPU that sleeps exactly that long must know, and it rounds far expiries. Why not its red-black tree:
 * a heap does less on the two paths that matter, arm and cancel before expiry.
 *
 * All functions: the caller holds the lock that protects the queue, and knows what is queued.
 */
import { layout } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';

const nodeFields = {
  /** What the queue is ordered by. */
  expires: 'i64',
  /** When it was added, for order among equals. Wraps. */
  sequence: 'u32',
  child: 'ptr',
  next: 'ptr',
  prev: 'ptr',
} as const;

/** Linux: struct timerqueue_node. */
export const TimerqueueNode: Layout<typeof nodeFields> = layout(nodeFields, {
  name: 'TimerqueueNode',
});

const headFields = {
  root: 'ptr',
  /** Given to the next node. */
  sequence: 'u32',
  /** Nodes queued. */
  count: 'u32',
} as const;

/** Linux: struct timerqueue_head. All zero: empty. */
export const TimerqueueHead: Layout<typeof headFields> = layout(headFields, {
  name: 'TimerqueueHead',
});

/** Linux: timerqueue_getnext(). The node that expires first, or 0. */
export function timerqueueFirst(memory: Memory, head: Ptr): Ptr {
  return memory.read(head + TimerqueueHead.root);
}

/** How many nodes are queued. */
export function timerqueueCount(memory: Memory, head: Ptr): number {
  return memory.read(head + TimerqueueHead.count);
}

/** When `node` expires; exact to ±(2^53−1). */
export function timerqueueExpires(memory: Memory, node: Ptr): number {
  return memory.read64(node + TimerqueueNode.expires);
}

/** Linux: timerqueue_add(). `node` is not queued. True: it is now the first. */
export function timerqueueAdd(memory: Memory, head: Ptr, node: Ptr, expires: number): boolean {
  const sequence = memory.read(head + TimerqueueHead.sequence);
  memory.write(head + TimerqueueHead.sequence, (sequence + 1) >>> 0);
  memory.write64(node + TimerqueueNode.expires, expires);
  memory.write(node + TimerqueueNode.sequence, sequence);
  memory.write(node + TimerqueueNode.child, 0);
  memory.write(node + TimerqueueNode.next, 0);
  memory.write(node + TimerqueueNode.prev, 0);
  const root = memory.read(head + TimerqueueHead.root);
  const first = root === 0 ? node : meld(memory, root, node);
  memory.write(head + TimerqueueHead.root, first);
  addToCount(memory, head, 1);
  return first === node;
}

/** Linux: timerqueue_del(). `node` is queued here. */
export function timerqueueDel(memory: Memory, head: Ptr, node: Ptr): void {
  const root = memory.read(head + TimerqueueHead.root);
  const below = meldChildren(memory, memory.read(node + TimerqueueNode.child));
  if (node === root) {
    memory.write(head + TimerqueueHead.root, below);
  } else {
    cutFromSiblings(memory, node);
    if (below !== 0) memory.write(head + TimerqueueHead.root, meld(memory, root, below));
  }
  addToCount(memory, head, -1);
}

function addToCount(memory: Memory, head: Ptr, delta: number): void {
  const count = memory.read(head + TimerqueueHead.count);
  memory.write(head + TimerqueueHead.count, count + delta);
}

/** Does `a` come before `b`? */
function before(memory: Memory, a: Ptr, b: Ptr): boolean {
  const difference =
    memory.read64(a + TimerqueueNode.expires) - memory.read64(b + TimerqueueNode.expires);
  if (difference !== 0) return difference < 0;
  const order = memory.read(a + TimerqueueNode.sequence) - memory.read(b + TimerqueueNode.sequence);
  return (order | 0) < 0;
}

/** One heap of two: the later root becomes the first child of the other. Roots have no siblings. */
function meld(memory: Memory, a: Ptr, b: Ptr): Ptr {
  const parent = before(memory, b, a) ? b : a;
  const child = parent === a ? b : a;
  const sibling = memory.read(parent + TimerqueueNode.child);
  memory.write(child + TimerqueueNode.next, sibling);
  if (sibling !== 0) memory.write(sibling + TimerqueueNode.prev, child);
  memory.write(child + TimerqueueNode.prev, parent);
  memory.write(parent + TimerqueueNode.child, child);
  return parent;
}

/** One heap of a list of siblings: neighbours first, from the left, then all from the right. 0 of none. */
function meldChildren(memory: Memory, first: Ptr): Ptr {
  let pairs: Ptr = 0;
  let left = first;
  while (left !== 0) {
    const right = memory.read(left + TimerqueueNode.next);
    const rest = right === 0 ? 0 : memory.read(right + TimerqueueNode.next);
    makeRoot(memory, left);
    let pair = left;
    if (right !== 0) {
      makeRoot(memory, right);
      pair = meld(memory, left, right);
    }
    // A stack, linked through `next`: the second pass starts at the right end.
    memory.write(pair + TimerqueueNode.next, pairs);
    pairs = pair;
    left = rest;
  }
  let root: Ptr = 0;
  while (pairs !== 0) {
    const rest = memory.read(pairs + TimerqueueNode.next);
    memory.write(pairs + TimerqueueNode.next, 0);
    root = root === 0 ? pairs : meld(memory, root, pairs);
    pairs = rest;
  }
  return root;
}

function makeRoot(memory: Memory, node: Ptr): void {
  memory.write(node + TimerqueueNode.next, 0);
  memory.write(node + TimerqueueNode.prev, 0);
}

function cutFromSiblings(memory: Memory, node: Ptr): void {
  const prev = memory.read(node + TimerqueueNode.prev);
  const next = memory.read(node + TimerqueueNode.next);
  // `prev` is the parent if we are its first child, else the sibling to the left.
  const link = memory.read(prev + TimerqueueNode.child) === node ? 'child' : 'next';
  memory.write(prev + TimerqueueNode[link], next);
  if (next !== 0) memory.write(next + TimerqueueNode.prev, prev);
}
