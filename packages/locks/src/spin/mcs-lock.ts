/**
 * MCS queue lock (Mellor-Crummey & Scott 1991): waiters form a list, and each spins on a word of its own.
 *
 *   lock.tail ──────────────────────┐            0 = free
 *                                   ▼
 *   holder's node ─next─▶ node ─next─▶ node
 *                         waiting=1    waiting=1
 *
 * A hand-over touches the line of one waiter, however long the queue: the cost stays flat where the ticket
 * lock's grows. Strict order, with the same weakness: one CPU off its core stops all behind it.
 *
 * Nodes are per CPU (lock-view.ts). An interrupt handler takes the first free one, and has freed it when
 * it returns, so finding and marking a free node needs no atomic access.
 */
import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { CACHE_LINE, hex, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { assertFits } from '../assert-fits.ts';
import { LOCKS_PER_CONTEXT, lockView, NODES, QueueNode } from '../lock-view.ts';
import { spinLockType } from './spin-lock-type.ts';
import type { SpinLockType } from './spin-lock-type.ts';

const fields = {
  /** Node of the last in the queue; the holder's own if nobody waits; 0 = free. */
  tail: 'ptr',
  magic: 'u32',
} as const;

export const McsLock: Layout<typeof fields> = layout(fields, { name: 'McsLock' });
assertFits(McsLock, CACHE_LINE);

export const mcs: SpinLockType = spinLockType({
  name: 'mcs',
  layout: McsLock,

  lock(cpu: Cpu, at: Ptr): void {
    const { memory } = cpu;
    const node = takeNode(cpu, at);
    // Edge Q: publishes our clean node, which the CPU behind us will link to. Reading 0 means free;
    // pairs with the compare-exchange in unlock.
    const before = memory.exchange(at + McsLock.tail, node);
    if (before === 0) return;
    memory.store(node + QueueNode.waiting, 1);
    // Edge N: pairs with the load in unlock. `waiting` is set before the CPU in front can know us.
    memory.store(before + QueueNode.next, node);
    cpu.unparkCpu(memory.read(before + QueueNode.cpu), before + QueueNode.next);
    // Edge H: pairs with the store in unlock. Reading 0 means that what the last holder wrote is visible.
    cpu.waitWhileEquals(node + QueueNode.waiting, 1);
  },

  trylock(cpu: Cpu, at: Ptr): boolean {
    const { memory } = cpu;
    // A failed compare-exchange would take the line away from those who queue.
    if (memory.load(at + McsLock.tail) !== 0) return false;
    const node = takeNode(cpu, at);
    if (memory.compareExchange(at + McsLock.tail, 0, node) === 0) return true;
    freeNode(cpu, node);
    return false;
  },

  unlock(cpu: Cpu, at: Ptr): void {
    const { memory } = cpu;
    const node = nodeOf(cpu, at);
    let behind = memory.load(node + QueueNode.next); // Edge N
    if (behind === 0) {
      // Edge Q: publishes the critical section to the next exchange in lock.
      if (memory.compareExchange(at + McsLock.tail, node, 0) === node) {
        freeNode(cpu, node);
        return;
      }
      // Somebody has come and not linked itself yet: two instructions away, unless it lost its core.
      behind = cpu.waitWhileEquals(node + QueueNode.next, 0);
    }
    memory.store(node + QueueNode.next, 0);
    freeNode(cpu, node);
    // Edge H: publishes the critical section to the one behind us.
    memory.store(behind + QueueNode.waiting, 0);
    cpu.unparkCpu(memory.read(behind + QueueNode.cpu), behind + QueueNode.waiting);
  },

  isLocked(cpu: Cpu, at: Ptr): boolean {
    return cpu.memory.load(at + McsLock.tail) !== 0;
  },
});

/** Invariant: a free node has `next` = `waiting` = 0, so that taking one writes nothing that others see. */
function takeNode(cpu: Cpu, lock: Ptr): Ptr {
  const { memory } = cpu;
  const { nodes } = lockView(cpu);
  for (let i = 0; i < NODES; i++) {
    const node = nodes + i * QueueNode.size;
    if (memory.readOwn(node + QueueNode.lock) !== 0) continue;
    memory.writeOwn(node + QueueNode.lock, lock);
    return node;
  }
  return bug(
    cpu,
    `CPU#${cpu.id} queues for a ${NODES + 1}th mcs lock, lock: ${hex(lock)}; ` +
      `accepted are ${LOCKS_PER_CONTEXT} held at a time in each context`,
  );
}

function nodeOf(cpu: Cpu, lock: Ptr): Ptr {
  const { memory } = cpu;
  const { nodes } = lockView(cpu);
  for (let i = 0; i < NODES; i++) {
    const node = nodes + i * QueueNode.size;
    if (memory.readOwn(node + QueueNode.lock) === lock) return node;
  }
  return bug(cpu, `unlock of an mcs lock that CPU#${cpu.id} does not hold, lock: ${hex(lock)}`);
}

function freeNode(cpu: Cpu, node: Ptr): void {
  cpu.memory.writeOwn(node + QueueNode.lock, 0);
}

export const mcsLock: SpinLockType['lock'] = mcs.lock;
export const mcsTrylock: SpinLockType['trylock'] = mcs.trylock;
export const mcsUnlock: SpinLockType['unlock'] = mcs.unlock;
export const mcsIsLocked: SpinLockType['isLocked'] = mcs.isLocked;
