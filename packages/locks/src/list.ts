/**
 * A doubly linked list in shared memory, with both ends. All words 0 is an empty list.
 *
 *   head.first ─▶ node ⇄ node ⇄ node ◀─ head.last      0 beyond either end
 *
 * Plain accesses: the list belongs to whoever holds the lock that guards it.
 */
import { layout } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';

const headFields = { first: 'ptr', last: 'ptr' } as const;
const nodeFields = { next: 'ptr', prev: 'ptr' } as const;

export const ListHead: Layout<typeof headFields> = layout(headFields, { name: 'ListHead' });
export const ListNode: Layout<typeof nodeFields> = layout(nodeFields, { name: 'ListNode' });

/** 0 when the list is empty. */
export function listFirst(memory: Memory, head: Ptr): Ptr {
  return memory.read(head + ListHead.first);
}

/** 0 when the list is empty. */
export function listLast(memory: Memory, head: Ptr): Ptr {
  return memory.read(head + ListHead.last);
}

/** 0 before the first. */
export function listPrev(memory: Memory, node: Ptr): Ptr {
  return memory.read(node + ListNode.prev);
}

/** 0 after the last. */
export function listNext(memory: Memory, node: Ptr): Ptr {
  return memory.read(node + ListNode.next);
}

/** Linux: list_add(). In front of all others. */
export function listAdd(memory: Memory, head: Ptr, node: Ptr): void {
  link(memory, head, node, 0, memory.read(head + ListHead.first));
}

/** Linux: list_add_tail(). Behind all others. */
export function listAddTail(memory: Memory, head: Ptr, node: Ptr): void {
  link(memory, head, node, memory.read(head + ListHead.last), 0);
}

/** Linux: __list_add(). Right behind `prev`, which is on this list; 0: in front of all others. */
export function listAddBehind(memory: Memory, head: Ptr, prev: Ptr, node: Ptr): void {
  const next = prev === 0 ? listFirst(memory, head) : listNext(memory, prev);
  link(memory, head, node, prev, next);
}

/** Linux: list_del(). `node` is on this list. */
export function listDel(memory: Memory, head: Ptr, node: Ptr): void {
  const next = memory.read(node + ListNode.next);
  const prev = memory.read(node + ListNode.prev);
  setNext(memory, head, prev, next);
  setPrev(memory, head, next, prev);
}

function link(memory: Memory, head: Ptr, node: Ptr, prev: Ptr, next: Ptr): void {
  memory.write(node + ListNode.prev, prev);
  memory.write(node + ListNode.next, next);
  setNext(memory, head, prev, node);
  setPrev(memory, head, next, node);
}

function setNext(memory: Memory, head: Ptr, node: Ptr, next: Ptr): void {
  memory.write(node === 0 ? head + ListHead.first : node + ListNode.next, next);
}

function setPrev(memory: Memory, head: Ptr, node: Ptr, prev: Ptr): void {
  memory.write(node === 0 ? head + ListHead.last : node + ListNode.prev, prev);
}
