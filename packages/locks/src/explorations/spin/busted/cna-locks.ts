/** CNA locks that lose waiters of one queue or the other. */
import type { Exploration } from '@percpu/experiment';
import { cnaSteps } from '../../../spin/cna-lock.ts';
import { QUEUED_STEPS, queuedType } from '../../../spin/queued-lock.ts';
import type { QueuedSteps } from '../../../spin/queued-lock.ts';
import { LOCKED, QueuedLock, QueuedNode, TAIL_SHIFT } from '../../../spin/queued-layout.ts';
import { makeFirst, nextOf } from '../../../spin/queued-queue.ts';
import type { SpinLockType } from '../../../spin/spin-lock-type.ts';
import { queueing, TWO_NODES } from '../queued-locks.ts';

const { next, secondary, code } = QueuedNode;
const right = cnaSteps(1);

function twin(name: string, wrong: Partial<QueuedSteps>): SpinLockType {
  return queuedType(name, { ...right, ...wrong });
}

const losesRing = twin('cna-loses-the-secondary-queue', { leaveEmpty: QUEUED_STEPS.leaveEmpty });

const dropsRing = twin('cna-drops-the-secondary-queue', { handOn: QUEUED_STEPS.handOn });

const losesMain = twin('cna-loses-the-main-queue', {
  handOn(cpu, node) {
    const { memory } = cpu;
    const ring = memory.read(node + secondary);
    if (ring === 0) {
      right.handOn(cpu, node);
      return;
    }
    nextOf(cpu, node);
    const front = memory.load(ring + next);
    memory.store(ring + next, 0);
    memory.store(node + next, 0);
    memory.write(node + secondary, 0);
    makeFirst(cpu, front);
  },
});

const forgetsLinks = twin('cna-puts-aside-without-a-ring', {
  arrange(cpu, node) {
    right.arrange(cpu, node);
    const ring = cpu.memory.read(node + secondary);
    if (ring !== 0) cpu.memory.store(ring + next, 0);
  },
});

const keepsTail = twin('cna-takes-the-wrong-tail', {
  leaveEmpty(cpu, at, node, value) {
    const { memory } = cpu;
    const ring = memory.read(node + secondary);
    if (ring === 0) return right.leaveEmpty(cpu, at, node, value);
    const front = memory.load(ring + next);
    memory.store(ring + next, 0);
    const tail = ((memory.read(front + code) << TAIL_SHIFT) | LOCKED) >>> 0;
    memory.compareExchange(at + QueuedLock.value, value, tail);
    memory.write(node + secondary, 0);
    makeFirst(cpu, front);
    return true;
  },
});

const stuck = { kind: 'deadlock', message: /waiting|next|value/ } as const;
const THREE = { waiters: 3, waiting: TWO_NODES, limits: { preemptions: 1 } } as const;

export const bustedCnaLocks: readonly Exploration[] = [
  queueing(losesRing, {
    ...THREE,
    busted: {
      wrong: 'The main queue is empty, and nobody thinks of those that were put aside.',
      mustFind: stuck,
    },
  }),
  queueing(dropsRing, {
    ...THREE,
    busted: { wrong: 'Hands the lock on, and not the ring.', mustFind: stuck },
  }),
  queueing(losesMain, {
    ...THREE,
    waiters: 4,
    limits: { preemptions: 0 },
    busted: {
      wrong: 'The ring goes to the front, and the queue that was there is not linked behind it.',
      mustFind: stuck,
    },
  }),
  queueing(forgetsLinks, {
    ...THREE,
    busted: {
      wrong:
        'The last that was put aside does not lead to the first: there is nobody to hand on to.',
      mustFind: { kind: 'oops', message: /0x0000/ },
    },
  }),
  queueing(keepsTail, {
    ...THREE,
    waiters: 4,
    limits: { preemptions: 0 },
    busted: {
      wrong: 'The first of the ring becomes the tail, not its last: the others are cut off.',
      mustFind: stuck,
    },
  }),
];
