/**
 * CLH queue lock (Craig 1993; Magnusson, Landin & Hagersten 1994): as MCS, but each waits for a word of the one before it,
 * whose node it then goes on with. Nobody has to know who is behind.
 *
 *   lock.tail ───────────────────────────────┐        never taken: 0
 *                                            ▼        free: the last holder's node, busy = 0
 *   node of the holder ◀─ node ◀─ node ◀─ node
 *   busy=1                busy=1  busy=1  busy=1
 *   watched by ───────────┘ … by ─┘ … by ─┘
 *
 * An unlock is one store. The price: nodes go round. A lock keeps the node of whoever held it last, so a node outlives its
 * first user's interest in it, and `clhDestroy` has to give it back. First come, first served.
 *
 * trylock has to know that the tail is a free node *still*: the node may have been through other hands and be the tail
 * again, busy. Hence the count beside it (the ABA problem).
 */
import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import { LOCKS_PER_CONTEXT, lockView, NODES } from '../lock-view.ts';
import { allocClhNode, ClhLock, ClhNode, ClhSlot } from './clh-layout.ts';
import { spinLockType } from './spin-lock-type.ts';
import type { SpinLockType } from './spin-lock-type.ts';

export { ClhLock };

const WORD = 2 ** 32;
/** Bits of the count: with 32 of the address they make an integer that a number holds. */
const USES_MASK = 2 ** 20 - 1;

/** The step that a twin may get wrong. */
export interface ClhSteps {
  /** The node that the slot goes on with. */
  readonly recycle: (memory: Memory, slot: Ptr) => Ptr;
  /** The lock is free from here on. */
  readonly free: (cpu: Cpu, node: Ptr) => void;
}

export const CLH_STEPS: ClhSteps = {
  // Ours may be watched still; nobody watches the other any more, since we were the one.
  recycle: (memory, slot) => memory.readOwn(slot + ClhSlot.before),
  free(cpu, node) {
    // Edge H: publishes the critical section to the one behind us.
    cpu.memory.store(node + ClhNode.busy, 0);
    cpu.unpark(node + ClhNode.busy);
  },
};

export function clhType(name: string, { recycle, free }: ClhSteps): SpinLockType {
  return spinLockType({
    name,
    layout: ClhLock,

    lock(cpu: Cpu, at: Ptr): void {
      const { memory } = cpu;
      const slot = takeSlot(cpu, at);
      // Edge Q: publishes our node, busy, to the CPU behind us.
      const before = nodeOf(memory.exchange64(at + ClhLock.tail, makeBusy(cpu, slot)));
      memory.writeOwn(slot + ClhSlot.before, before);
      // Edge H: pairs with the store in free. 0: never taken, and nobody to wait for.
      if (before !== 0) cpu.waitWhileEquals(before + ClhNode.busy, 1);
    },

    trylock(cpu: Cpu, at: Ptr): boolean {
      const { memory } = cpu;
      const tail = memory.load64(at + ClhLock.tail);
      const before = nodeOf(tail);
      // Edge H, if the exchange below finds the same tail: the node has not been used since.
      if (before !== 0 && memory.load(before + ClhNode.busy) !== 0) return false;
      const slot = takeSlot(cpu, at);
      const mine = makeBusy(cpu, slot);
      if (memory.compareExchange64(at + ClhLock.tail, tail, mine) === tail) {
        memory.writeOwn(slot + ClhSlot.before, before);
        return true;
      }
      memory.store(nodeOf(mine) + ClhNode.busy, 0);
      memory.writeOwn(slot + ClhSlot.lock, 0);
      return false;
    },

    unlock(cpu: Cpu, at: Ptr): void {
      const { memory } = cpu;
      const slot = slotOf(cpu, at);
      const node = memory.readOwn(slot + ClhSlot.node);
      memory.writeOwn(slot + ClhSlot.node, recycle(memory, slot));
      memory.writeOwn(slot + ClhSlot.lock, 0);
      free(cpu, node);
    },

    isLocked(cpu: Cpu, at: Ptr): boolean {
      const node = nodeOf(cpu.memory.load64(at + ClhLock.tail));
      return node !== 0 && cpu.memory.load(node + ClhNode.busy) !== 0;
    },
  });
}

export const clh: SpinLockType = clhType('clh', CLH_STEPS);

/** Takes back the node that a lock keeps. Nobody holds or awaits the lock, or will. Task context. BUG: it is held. */
export function clhDestroy(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  const node = nodeOf(memory.exchange64(at + ClhLock.tail, 0));
  if (node === 0) return;
  if (memory.load(node + ClhNode.busy) !== 0) {
    bug(cpu, `destruction of a clh lock that is held, lock: ${hex(at)}`);
  }
  const flags = cpu.localIrqSave();
  const { clhSlots } = lockView(cpu);
  for (let i = 0; i < NODES; i++) {
    const slot = clhSlots + i * ClhSlot.size;
    if (memory.readOwn(slot + ClhSlot.lock) !== 0 || memory.readOwn(slot + ClhSlot.node) !== 0) {
      continue;
    }
    memory.writeOwn(slot + ClhSlot.node, node);
    break;
  }
  cpu.localIrqRestore(flags);
}

function nodeOf(tail: number): Ptr {
  // Exact: ToUint32 is modulo 2^32, and the tail is an integer below 2^53.
  return tail >>> 0;
}

/** The node of a slot that was just taken, ready to be queued: what the tail is to be. */
function makeBusy({ memory }: Cpu, slot: Ptr): number {
  let node = memory.readOwn(slot + ClhSlot.node);
  if (node === 0) {
    // The last lock that this slot was for kept the node, being new. It ends: each lock keeps one.
    node = allocClhNode(memory);
    memory.writeOwn(slot + ClhSlot.node, node);
  }
  const uses = (memory.read(node + ClhNode.uses) + 1) & USES_MASK;
  memory.write(node + ClhNode.uses, uses);
  memory.store(node + ClhNode.busy, 1);
  return uses * WORD + node;
}

/** Marks a free slot first and looks at its node afterwards: an interrupt in between may have used it, and left another. */
function takeSlot(cpu: Cpu, lock: Ptr): Ptr {
  const { memory } = cpu;
  const { clhSlots } = lockView(cpu);
  for (let i = 0; i < NODES; i++) {
    const slot = clhSlots + i * ClhSlot.size;
    if (memory.readOwn(slot + ClhSlot.lock) !== 0) continue;
    memory.writeOwn(slot + ClhSlot.lock, lock);
    return slot;
  }
  return bug(
    cpu,
    `CPU#${cpu.id} queues for a ${NODES + 1}th clh lock, lock: ${hex(lock)}; ` +
      `accepted are ${LOCKS_PER_CONTEXT} held at a time in each context`,
  );
}

function slotOf(cpu: Cpu, lock: Ptr): Ptr {
  const { clhSlots } = lockView(cpu);
  for (let i = 0; i < NODES; i++) {
    const slot = clhSlots + i * ClhSlot.size;
    if (cpu.memory.readOwn(slot + ClhSlot.lock) === lock) return slot;
  }
  return bug(cpu, `unlock of a clh lock that CPU#${cpu.id} does not hold, lock: ${hex(lock)}`);
}

export const clhLock: SpinLockType['lock'] = clh.lock;
export const clhTrylock: SpinLockType['trylock'] = clh.trylock;
export const clhUnlock: SpinLockType['unlock'] = clh.unlock;
export const clhIsLocked: SpinLockType['isLocked'] = clh.isLocked;
