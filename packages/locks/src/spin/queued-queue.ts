/**
 * The queue of `queued` and `cna`: each waiter spins on a word of its own node until it is the first, then on the lock.
 *
 *   lock.tail ──────────────────────────┐       the first waits for the lock word
 *                                       ▼       all others for `waiting` of their node
 *   first ─next─▶ node ─next─▶ node ─next─▶ node
 *                 waiting=1    waiting=1    waiting=1
 */
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { lockView } from '../lock-view.ts';
import { CONTEXTS, decodeTail, LOCKED, QueuedLock, QueuedNode } from './queued-layout.ts';
import { TAIL_HALF, TAIL_SHIFT } from './queued-layout.ts';

/** What `cna` does otherwise, and busted twins wrongly. */
export interface QueueSteps {
  /** Joins the queue behind the node `before`. */
  readonly link: (cpu: Cpu, before: Ptr, node: Ptr) => void;
  /** `node` has become the first; the lock is still to be waited for. */
  readonly arrange: (cpu: Cpu, node: Ptr) => void;
  /** The lock is ours, and ours is the tail in `value`, the word as last seen. True: nobody queues any more. */
  readonly leaveEmpty: (cpu: Cpu, at: Ptr, node: Ptr, value: number) => boolean;
  /** The lock is ours, and somebody is behind `node`, or about to be: makes the next the first. */
  readonly handOn: (cpu: Cpu, node: Ptr) => void;
}

export const QUEUE_STEPS: QueueSteps = {
  link(cpu, before, node) {
    const { memory } = cpu;
    memory.store(node + QueuedNode.waiting, 1);
    // Edge N: pairs with the wait in nextOf. `waiting` is set before the CPU in front can know us.
    memory.store(before + QueuedNode.next, node);
    cpu.unparkCpu(memory.read(before + QueuedNode.cpu), before + QueuedNode.next);
  },

  arrange: () => undefined,

  leaveEmpty({ memory }, at, _node, value) {
    return memory.compareExchange(at + QueuedLock.value, value, LOCKED) === value;
  },

  handOn(cpu, node) {
    makeFirst(cpu, nextOf(cpu, node));
    cpu.memory.store(node + QueuedNode.next, 0);
  },
};

/** The node behind, once it is linked: two accesses away, unless its CPU lost its core. */
export function nextOf(cpu: Cpu, node: Ptr): Ptr {
  return cpu.waitWhileEquals(node + QueuedNode.next, 0); // Edge N
}

export function makeFirst(cpu: Cpu, node: Ptr): void {
  // Edge W: pairs with the wait in queueFor.
  cpu.memory.store(node + QueuedNode.waiting, 0);
  cpu.unparkCpu(cpu.memory.read(node + QueuedNode.cpu), node + QueuedNode.waiting);
}

/** Linux: queued_spin_trylock(). A failed compare-exchange would take the line away from those who wait. */
export function tryWord({ memory }: Cpu, at: Ptr): boolean {
  const word = at + QueuedLock.value;
  return memory.load(word) === 0 && memory.compareExchange(word, 0, LOCKED) === 0;
}

/** Queues, and returns holding the lock. `waitAsFirst` returns the word when the first may take the lock, or has taken it. */
export function queueFor(
  cpu: Cpu,
  at: Ptr,
  steps: QueueSteps,
  waitAsFirst: (cpu: Cpu, at: Ptr) => number,
): void {
  const { memory } = cpu;
  const { queuedNodes, queuedOfCpu0, queuedStride } = lockView(cpu);
  const index = memory.readOwn(queuedNodes + QueuedNode.inUse);
  if (index === CONTEXTS) {
    // Linux: an NMI inside an NMI. Not fair, but there is nothing to queue with.
    while (!tryWord(cpu, at)) cpu.relax();
    return;
  }
  memory.writeOwn(queuedNodes + QueuedNode.inUse, index + 1);
  const node = queuedNodes + index * QueuedNode.size;
  const code = memory.read(node + QueuedNode.code);
  // Edge T: publishes our clean node to the CPU behind us; what we read tells whose is before us.
  const before = memory.exchange16(at + QueuedLock.value + TAIL_HALF, code);
  if (before !== 0) {
    steps.link(cpu, decodeTail(queuedOfCpu0, queuedStride, before), node);
    cpu.waitWhileEquals(node + QueuedNode.waiting, 1); // Edge W
  }
  steps.arrange(cpu, node);
  const value = waitAsFirst(cpu, at);
  // If the compare-exchange in leaveEmpty fails, somebody has come, or set the pending mark and will then queue behind us.
  if (value >>> TAIL_SHIFT !== code || !steps.leaveEmpty(cpu, at, node, value)) {
    // Linux: set_locked(). A store of the one byte: the tail may change meanwhile.
    memory.store8(at + QueuedLock.value, LOCKED);
    steps.handOn(cpu, node);
  }
  memory.writeOwn(queuedNodes + QueuedNode.inUse, index);
}
