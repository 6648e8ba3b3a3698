/** Queued locks with one step left out or misplaced: the rest is the code of `queued` itself. */
import type { Exploration } from '@percpu/experiment';
import { makeFirst, nextOf } from '../../../spin/queued-queue.ts';
import { QUEUED_STEPS, queuedType } from '../../../spin/queued-lock.ts';
import type { QueuedSteps } from '../../../spin/queued-lock.ts';
import { LOCKED, PENDING_BYTE, QueuedLock, QueuedNode } from '../../../spin/queued-layout.ts';
import type { SpinLockType } from '../../../spin/spin-lock-type.ts';
import { PURE_SPINNING, SLEEPS_AT_ONCE } from '../../waiting.ts';
import { lateMark, queueing, SHARED_SLEEPING } from '../queued-locks.ts';
import { mutualExclusion } from '../spin-locks.ts';

const { next, waiting } = QueuedNode;

function twin(name: string, wrong: Partial<QueuedSteps>): SpinLockType {
  return queuedType(name, { ...QUEUED_STEPS, ...wrong });
}

const keepsPending = twin('queued-keeps-pending', {
  takePending: ({ memory }, at) => memory.store8(at + QueuedLock.value, LOCKED),
});

const takesPlainly = twin('queued-takes-with-a-plain-store', {
  takePending: ({ memory }, at) => memory.write16(at + QueuedLock.value, LOCKED),
});

const dropsSilently: QueuedSteps = {
  ...QUEUED_STEPS,
  dropPending: ({ memory }, at) => memory.store8(at + QueuedLock.value + PENDING_BYTE, 0),
};

const clearsTailWithStore = twin('queued-clears-the-tail-with-a-store', {
  leaveEmpty({ memory }, at) {
    memory.store(at + QueuedLock.value, LOCKED);
    return true;
  },
});

const doesNotWaitForNext = twin('queued-does-not-wait-for-the-next', {
  handOn(cpu, node) {
    const behind = cpu.memory.load(node + next);
    if (behind !== 0) makeFirst(cpu, behind);
    cpu.memory.store(node + next, 0);
  },
});

const linksTooEarly = twin('queued-links-too-early', {
  link({ memory }, before, node) {
    memory.store(before + next, node);
    memory.store(node + waiting, 1);
  },
});

const leavesItsNodeDirty = twin('queued-leaves-its-node-dirty', {
  handOn: (cpu, node) => makeFirst(cpu, nextOf(cpu, node)),
});

const makesFirstPlainly = twin('queued-hands-on-with-a-plain-store', {
  handOn(cpu, node) {
    cpu.memory.write(nextOf(cpu, node) + waiting, 0);
    cpu.memory.store(node + next, 0);
  },
});

const wakesNoFirst = twin('queued-forgets-to-wake-the-next', {
  handOn(cpu, node) {
    cpu.memory.store(nextOf(cpu, node) + waiting, 0);
    cpu.memory.store(node + next, 0);
  },
});

const forgetsToWake = twin('queued-forgets-to-wake', { wake: () => undefined });

const wakesOne = twin('queued-wakes-one-of-two', {
  wake: (cpu, at) => cpu.unparkOne(at + QueuedLock.value),
});

const forgetsToWakeFirst = twin('queued-shared-forgets-to-wake', { wake: () => undefined });

const lost = { kind: 'lost-wakeup', message: /value/ } as const;
const stuck = { kind: 'deadlock', message: /waiting|value|next/ } as const;

export const bustedQueuedLocks: readonly Exploration[] = [
  mutualExclusion(keepsPending, {
    cpus: 2,
    waiting: PURE_SPINNING,
    busted: {
      wrong:
        'The pending waiter takes the lock, and leaves its mark: nobody can have the lock again.',
      mustFind: { kind: 'assertion', message: /held, but by nobody/ },
    },
  }),
  mutualExclusion(takesPlainly, {
    cpus: 2,
    waiting: PURE_SPINNING,
    busted: {
      wrong: 'A plain store to the word that others change.',
      mustFind: { kind: 'race' },
    },
  }),
  lateMark(dropsSilently, {
    wrong:
      'Who has set the mark and then queues takes it back, and does not say so to the first of the queue, which sleeps on it.',
    mustFind: lost,
  }),
  queueing(clearsTailWithStore, {
    waiters: 2,
    waiting: PURE_SPINNING,
    busted: {
      wrong: 'Clears the tail with a store: whoever has come since it looked is cut off.',
      mustFind: stuck,
    },
  }),
  queueing(doesNotWaitForNext, {
    waiters: 2,
    waiting: PURE_SPINNING,
    busted: {
      wrong:
        'The tail is not ours any more: somebody has come, but is not linked yet. This one goes without it.',
      mustFind: stuck,
    },
  }),
  queueing(linksTooEarly, {
    waiters: 2,
    waiting: PURE_SPINNING,
    busted: {
      wrong: 'The hand-over may come between the two stores: then `waiting` is 1 for ever.',
      mustFind: stuck,
    },
  }),
  queueing(leavesItsNodeDirty, {
    waiters: 2,
    rounds: 2,
    waiting: PURE_SPINNING,
    limits: { preemptions: 2 },
    busted: {
      wrong: 'The next turn of a CPU finds a successor of the last one.',
      mustFind: stuck,
    },
  }),
  queueing(makesFirstPlainly, {
    waiters: 2,
    waiting: PURE_SPINNING,
    busted: { wrong: 'A plain store of `waiting`.', mustFind: { kind: 'race' } },
  }),
  queueing(wakesNoFirst, {
    waiters: 2,
    waiting: SLEEPS_AT_ONCE,
    busted: {
      wrong: 'Makes the next the first, and does not wake it.',
      mustFind: { kind: 'lost-wakeup', message: /waiting/ },
    },
  }),
  mutualExclusion(forgetsToWake, {
    cpus: 2,
    waiting: SLEEPS_AT_ONCE,
    busted: { wrong: 'A pending waiter that sleeps is never woken.', mustFind: lost },
  }),
  mutualExclusion(wakesOne, {
    cpus: 3,
    waiting: SLEEPS_AT_ONCE,
    limits: { preemptions: 2 },
    busted: {
      wrong:
        'The pending waiter and the first of the queue sleep on the same word: one is woken, and it is the wrong one.',
      mustFind: lost,
    },
  }),
  mutualExclusion(forgetsToWakeFirst, {
    cpus: 2,
    waiting: SHARED_SLEEPING,
    busted: { wrong: 'Where CPUs share cores: the first of the queue sleeps on.', mustFind: lost },
  }),
];
