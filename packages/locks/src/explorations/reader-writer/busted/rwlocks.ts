/** Reader-writer spin locks with one step that is wrong. */
import type { Exploration } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { rwLockType } from '../../../reader-writer/rwlock-type.ts';
import type { RwLockAlgorithm, RwLockType } from '../../../reader-writer/rwlock-type.ts';
import {
  LOCKED,
  queuedRwLock,
  READER,
  RwLock,
  WAITING,
  WRITER,
} from '../../../reader-writer/rwlock.ts';
import { ttas } from '../../../spin/ttas-lock.ts';
import { SLEEPS_AT_ONCE } from '../../waiting.ts';
import { readerInterrupted } from '../rwlock-interrupted.ts';
import {
  attemptAndWriter,
  attemptOnce,
  pair,
  readersAndWriter,
  together,
  writerNotPassed,
} from '../rwlock-stories.ts';

const twin = (name: string, wrong: Partial<RwLockAlgorithm>): RwLockType =>
  rwLockType({ ...queuedRwLock, ...wrong, name: `rwlock-${name}` });

const cnts = RwLock.cnts;
const queue = ttas.algorithm;

/** As the lock's own; the twins differ from it in one line. */
function waitForWriter(cpu: Cpu, at: Ptr): void {
  let seen = cpu.memory.load(at + cnts);
  while ((seen & LOCKED) !== 0) seen = cpu.waitWhileEquals(at + cnts, seen);
}

const takes =
  (admitted: (seen: number) => boolean, queues = true) =>
  (cpu: Cpu, at: Ptr): void => {
    if (admitted(cpu.memory.fetchAdd(at + cnts, READER))) return;
    if (queues) {
      queuedRwLock.readUnlock(cpu, at);
      queue.lock(cpu, at + RwLock.queue);
      cpu.memory.fetchAdd(at + cnts, READER);
    }
    waitForWriter(cpu, at);
    if (queues) queue.unlock(cpu, at + RwLock.queue);
  };

const noWriter = (seen: number): boolean => (seen & WRITER) === 0;

const passesWaitingWriter = twin('passes-waiting-writer', {
  readLock: takes((seen) => (seen & LOCKED) === 0),
});

const passesWriter = twin('passes-writer', { readLock: takes((seen) => (seen & WAITING) === 0) });

const queuesInInterrupts = twin('queues-in-interrupts', { readLock: takes(noWriter) });

const queuesCounted = twin('queues-counted', {
  readLock(cpu: Cpu, at: Ptr): void {
    if (noWriter(cpu.memory.fetchAdd(at + cnts, READER))) return;
    queue.lock(cpu, at + RwLock.queue);
    waitForWriter(cpu, at);
    queue.unlock(cpu, at + RwLock.queue);
  },
});

const looksThenCounts = twin('looks-then-counts', {
  readLock(cpu: Cpu, at: Ptr): void {
    let seen = cpu.memory.load(at + cnts);
    while ((seen & WRITER) !== 0) seen = cpu.waitWhileEquals(at + cnts, seen);
    cpu.memory.fetchAdd(at + cnts, READER);
  },
});

const triesInOneLook = twin('tries-in-one-look', {
  readTrylock({ memory }: Cpu, at: Ptr): boolean {
    if ((memory.load(at + cnts) & WRITER) !== 0) return false;
    memory.fetchAdd(at + cnts, READER);
    return true;
  },
});

const leavesSilently = twin('leaves-silently', {
  readUnlock: (cpu: Cpu, at: Ptr): void => void cpu.memory.fetchAdd(at + cnts, -READER),
});

const givesUpSilently = twin('gives-up-silently', {
  readTrylock({ memory }: Cpu, at: Ptr): boolean {
    if (noWriter(memory.fetchAdd(at + cnts, READER))) return true;
    memory.fetchAdd(at + cnts, -READER);
    return false;
  },
});

const leavesInTwoSteps = twin('leaves-in-two-steps', {
  readUnlock(cpu: Cpu, at: Ptr): void {
    const left = cpu.memory.load(at + cnts) - READER;
    cpu.memory.store(at + cnts, left);
    if (left === WAITING) cpu.unpark(at + cnts);
  },
});

const unlocksSilently = twin('unlocks-silently', {
  writeUnlock: ({ memory }: Cpu, at: Ptr): void => void memory.fetchAnd(at + cnts, ~LOCKED >>> 0),
});

const unlocksForAll = twin('unlocks-for-all', {
  writeUnlock(cpu: Cpu, at: Ptr): void {
    cpu.memory.store(at + cnts, 0);
    cpu.unpark(at + cnts);
  },
});

const unlocksPlainly = twin('unlocks-plainly', {
  writeUnlock(cpu: Cpu, at: Ptr): void {
    cpu.memory.write(at + cnts, cpu.memory.read(at + cnts) & ~LOCKED);
    cpu.unpark(at + cnts);
  },
});

/** The writer's slow path, `enter` being its last step. */
const writes =
  (enter: (cpu: Cpu, word: Ptr) => void) =>
  (cpu: Cpu, at: Ptr): void => {
    if (cpu.memory.compareExchange(at + cnts, 0, LOCKED) === 0) return;
    queue.lock(cpu, at + RwLock.queue);
    let seen = (cpu.memory.fetchOr(at + cnts, WAITING) | WAITING) >>> 0;
    while (seen !== WAITING) seen = cpu.waitWhileEquals(at + cnts, seen);
    enter(cpu, at + cnts);
    queue.unlock(cpu, at + RwLock.queue);
  };

const leavesWaitingSet = twin('leaves-waiting-set', {
  writeLock: writes((cpu, word) => cpu.memory.compareExchange(word, WAITING, WAITING | LOCKED)),
});

const ignoresReaders = twin('ignores-readers', {
  writeLock(cpu: Cpu, at: Ptr): void {
    queue.lock(cpu, at + RwLock.queue);
    waitForWriter(cpu, at);
    cpu.memory.fetchOr(at + cnts, LOCKED);
    queue.unlock(cpu, at + RwLock.queue);
  },
});

const excludesReaders: RwLockType = Object.freeze({
  ...rwLockType(queuedRwLock),
  name: 'rwlock-excludes-readers',
  read: rwLockType(queuedRwLock).write,
});

const race = { kind: 'race', message: /guarded/ } as const;
const lost = { kind: 'lost-wakeup', message: /cnts/ } as const;
const stuck = { kind: 'deadlock', message: /cnts|locked/ } as const;
const sleeping = { waiting: SLEEPS_AT_ONCE } as const;

export const bustedRwLocks: readonly Exploration[] = [
  writerNotPassed(passesWaitingWriter, {
    wrong: 'Readers look at the writer inside only: one that waits may wait for ever.',
    mustFind: { kind: 'outcome' },
  }),
  pair(passesWriter, {
    busted: { wrong: 'Readers look at the writer that waits only.', mustFind: race },
  }),
  readerInterrupted(queuesInInterrupts, {
    preemptions: 2,
    busted: {
      wrong: 'Queues in an interrupt, behind a writer that waits for its own task.',
      mustFind: stuck,
    },
  }),
  readersAndWriter(queuesCounted, {
    preemptions: 2,
    busted: {
      wrong: 'Queues without taking its count back: the writer before it waits for it.',
      mustFind: stuck,
    },
  }),
  pair(looksThenCounts, {
    busted: { wrong: 'A writer may come between the look and the count.', mustFind: race },
  }),
  attemptOnce(triesInOneLook, {
    busted: { wrong: 'Counts itself without a second look.', mustFind: race },
  }),
  pair(leavesSilently, {
    ...sleeping,
    busted: { wrong: 'The last reader does not wake the writer.', mustFind: lost },
  }),
  attemptAndWriter(givesUpSilently, {
    ...sleeping,
    busted: {
      wrong: 'An attempt in vain, the last to leave, does not wake the writer.',
      mustFind: lost,
    },
  }),
  readersAndWriter(leavesInTwoSteps, {
    busted: { wrong: 'Loses the change of another reader.', mustFind: { kind: 'assertion' } },
  }),
  pair(unlocksSilently, {
    ...sleeping,
    busted: { wrong: 'The writer does not wake those it kept out.', mustFind: lost },
  }),
  pair(unlocksForAll, {
    busted: {
      wrong: 'Stores 0, and with it the count of a reader that is on its way.',
      mustFind: { kind: 'oops', message: /unlock/ },
    },
  }),
  pair(unlocksPlainly, {
    busted: { wrong: 'Not atomic.', mustFind: { kind: 'race', message: /cnts/ } },
  }),
  pair(leavesWaitingSet, {
    busted: {
      wrong: 'Keeps the flag for those that wait: later readers wait for nobody.',
      mustFind: { kind: 'assertion' },
    },
  }),
  pair(ignoresReaders, {
    busted: { wrong: 'Waits for writers only.', mustFind: race },
  }),
  together(excludesReaders, {
    wrong: 'A reader keeps readers out.',
    mustFind: stuck,
  }),
];
