/** The words of `queued` and `cna`; queued-lock.ts draws the states. */
import { MAX_SIMULATED_CPUS } from '@percpu/machine';
import { CACHE_LINE, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { assertFits } from '../assert-fits.ts';

const fields = { value: 'u32', magic: 'u32' } as const;

/** Linux: struct qspinlock. */
export const QueuedLock: Layout<typeof fields> = layout(fields, { name: 'QueuedLock' });
assertFits(QueuedLock, CACHE_LINE);

/** Linux: _Q_LOCKED_VAL, _Q_LOCKED_MASK, _Q_PENDING_VAL, _Q_PENDING_MASK, _Q_TAIL_MASK. */
export const LOCKED = 0x1;
export const LOCKED_MASK = 0xff;
export const PENDING = 0x100;
export const BUSY_MASK = 0xffff;
export const TAIL_SHIFT = 16;

/** Bytes of the word, which is little-endian as all shared memory here: the pending byte, and the half that is the tail. */
export const PENDING_BYTE = 1;
export const TAIL_HALF = 2;

/** Linux: MAX_NODES. Task, soft irq, hard irq, NMI: each may interrupt the one before while that queues. */
export const CONTEXTS = 4;
const INDEX_BITS = 2;

const nodeFields = {
  /** The waiter behind, or 0. Written by that waiter. */
  next: 'ptr',
  /** 1 until this node is the first of the queue; who is first writes the 0. */
  waiting: 'u32',
  /** The CPU it belongs to, the NUMA node of that CPU, and how the tail of a lock names it. Constant. */
  cpu: 'u32',
  numa: 'u32',
  code: 'u32',
  /** Of the first node of a CPU: how many are in use. Own: an interrupt has put it back when it returns. */
  inUse: 'u32',
  /** For cna-lock.ts. Plain: they travel with being the first. */
  secondary: 'ptr',
  localInRow: 'u32',
} as const;

/** Linux: struct qnode. A place in the queue. A free one has `next`, `waiting`, `secondary`, `localInRow` = 0. */
export const QueuedNode: Layout<typeof nodeFields> = layout(nodeFields, { name: 'QueuedNode' });

/** A CPU's nodes: together on one line, because at most one of them waits in earnest. */
export const QUEUED_NODES_SIZE: number = CONTEXTS * QueuedNode.size;
assertFits({ ...QueuedNode, size: QUEUED_NODES_SIZE }, CACHE_LINE);

if (MAX_SIMULATED_CPUS >= 1 << (TAIL_SHIFT - INDEX_BITS))
  throw new RangeError(`${MAX_SIMULATED_CPUS} CPUs do not fit into the tail of a queued lock`);

/** Linux: encode_tail(), without the shift. Never 0. */
export function encodeTail(cpu: number, index: number): number {
  return ((cpu + 1) << INDEX_BITS) | index;
}

/** Linux: decode_tail(). `nodes` are those of CPU 0, `stride` the bytes from one CPU's to the next. */
export function decodeTail(nodes: Ptr, stride: number, code: number): Ptr {
  const cpu = (code >>> INDEX_BITS) - 1;
  return nodes + cpu * stride + (code & (CONTEXTS - 1)) * QueuedNode.size;
}
