/**
 * CNA: the queued lock, compact and NUMA-aware (Dice & Kogan, EuroSys 2019; Kogan's patches for Linux, 2018–2022). A lock
 * that goes from node to node takes what it protects along, at several times the cost of a transfer within the node. So the
 * first of the queue puts waiters of other nodes aside, and hands the lock on within its own:
 *
 *   main        first ─▶ same node ─▶ …            the queue of queued-queue.ts
 *   secondary   ┌▶ aside ─▶ aside ─▶ aside ─┐      a ring; `first.secondary` is its last, 0 = none
 *               └───────────────────────────┘
 *
 *   arrange    moves those before the next of our node to the end of the ring
 *   hand on    to a CPU of our node, with the ring; else the ring goes back to the front of the queue
 *
 * Bounded: after `inRow` hand-overs within a node the ring goes back, so those in it wait for at most so many. Words in one, as
 * with `queued`; the ring needs no word in the lock, because it belongs to whoever is first. A CPU's node: `cpuToNode`.
 */
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { QUEUED_STEPS, queuedType } from './queued-lock.ts';
import type { QueuedSteps } from './queued-lock.ts';
import { LOCKED, QueuedLock, QueuedNode, TAIL_SHIFT } from './queued-layout.ts';
import { makeFirst, nextOf } from './queued-queue.ts';
import type { SpinLockType } from './spin-lock-type.ts';

const { next, numa, code, secondary, localInRow } = QueuedNode;

/** Hand-overs within a node while others wait: the longest they are put off, some 100 µs. (Linux counts time, 10 ms.) */
const IN_ROW = 256;

export function cnaSteps(inRow: number): QueuedSteps {
  return {
    ...QUEUED_STEPS,

    arrange({ memory }, node) {
      if (memory.read(node + localInRow) >= inRow) return;
      const here = memory.read(node + numa);
      const first = memory.load(node + next);
      let last = 0;
      let candidate = first;
      while (candidate !== 0 && memory.read(candidate + numa) !== here) {
        last = candidate;
        candidate = memory.load(candidate + next);
      }
      // None of our node is there, or it is the next one anyway.
      if (candidate === 0 || last === 0) return;
      const ring = memory.read(node + secondary);
      // Nobody else writes these: those in the queue wait, and each has somebody behind it.
      memory.store(last + next, ring === 0 ? first : memory.load(ring + next));
      if (ring !== 0) memory.store(ring + next, first);
      memory.write(node + secondary, last);
      memory.store(node + next, candidate);
    },

    leaveEmpty(cpu, at, node, value) {
      const { memory } = cpu;
      const ring = memory.read(node + secondary);
      if (ring === 0) {
        if (!QUEUED_STEPS.leaveEmpty(cpu, at, node, value)) return false;
        memory.write(node + localInRow, 0);
        return true;
      }
      const front = memory.load(ring + next);
      // The ring becomes the queue. Opened first: who comes links to its last as soon as that is the tail.
      memory.store(ring + next, 0);
      const tail = ((memory.read(ring + code) << TAIL_SHIFT) | LOCKED) >>> 0;
      if (memory.compareExchange(at + QueuedLock.value, value, tail) !== value) {
        memory.store(ring + next, front);
        return false;
      }
      clean(cpu, node);
      makeFirst(cpu, front);
      return true;
    },

    handOn(cpu, node) {
      const { memory } = cpu;
      const behind = nextOf(cpu, node);
      const ring = memory.read(node + secondary);
      const stays = memory.read(behind + numa) === memory.read(node + numa);
      const row = memory.read(node + localInRow) + 1;
      clean(cpu, node);
      if (ring !== 0 && (!stays || row > inRow)) {
        const front = memory.load(ring + next);
        memory.store(ring + next, behind);
        makeFirst(cpu, front);
        return;
      }
      memory.write(behind + secondary, ring);
      memory.write(behind + localInRow, stays && row <= inRow ? row : 0);
      makeFirst(cpu, behind);
    },
  };
}

/** As it was when it was taken. */
function clean({ memory }: Cpu, node: Ptr): void {
  memory.store(node + next, 0);
  memory.write(node + secondary, 0);
  memory.write(node + localInRow, 0);
}

export const cna: SpinLockType = queuedType('cna', cnaSteps(IN_ROW));

export const cnaLock: SpinLockType['lock'] = cna.lock;
export const cnaTrylock: SpinLockType['trylock'] = cna.trylock;
export const cnaUnlock: SpinLockType['unlock'] = cna.unlock;
export const cnaIsLocked: SpinLockType['isLocked'] = cna.isLocked;
