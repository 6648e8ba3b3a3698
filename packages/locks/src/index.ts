export * from './spin/index.ts';
export * from './reader-writer/index.ts';
export * from './sleeping/index.ts';
export * from './counting/index.ts';
export * from './debug/index.ts';
export { LockFlag, SUBCLASS_SHIFT } from './lock-flags.ts';
export { listAdd, listAddTail, listDel, listFirst, ListHead, listNext, ListNode } from './list.ts';
export { lockView } from './lock-view.ts';
