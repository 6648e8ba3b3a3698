/** Rwsems with one step that is wrong. */
import type { Exploration } from '@percpu/experiment';
import { currentTask, TaskState } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import type { RwSleepingType } from '../../../reader-writer/rw-sleeping-type.ts';
import {
  countReader,
  HANDOFF,
  INSIDE,
  NO_READER,
  READER,
  RwSem,
  takeFree,
  WAITERS,
  WRITER,
} from '../../../reader-writer/rwsem-layout.ts';
import { rwsemReadSlow, rwsemWriteSlow } from '../../../reader-writer/rwsem-slow.ts';
import { wakeAfterRelease } from '../../../reader-writer/rwsem-wake.ts';
import { rwsem } from '../../../reader-writer/rwsem.ts';
import { readerAndWriter, readersAndWriter, twoWriters } from '../rw-sleeping.ts';
import { downgrade, writerNotPassed } from '../rwsem.ts';

const { count } = RwSem;
const STATE = TaskState.uninterruptible;

/** The right steps, without the debug mode: it would find some of the twins before anything has come of them. */
const bare: RwSleepingType = {
  ...rwsem,
  *downRead(cpu: Cpu, at: Ptr): Sleeps<void> {
    if (!countReader(cpu, at)) yield* rwsemReadSlow(cpu, at, STATE);
  },
  upRead(cpu: Cpu, at: Ptr): void {
    const left = cpu.memory.fetchAdd(at + count, -READER) - READER;
    if ((left & (INSIDE | WAITERS)) === WAITERS) wakeAfterRelease(cpu, at);
  },
  *downWrite(cpu: Cpu, at: Ptr): Sleeps<void> {
    if (!takeFree(cpu, at, currentTask(cpu))) yield* rwsemWriteSlow(cpu, at, STATE);
  },
  upWrite(cpu: Cpu, at: Ptr): void {
    cpu.memory.store(at + RwSem.owner, 0);
    if ((cpu.memory.fetchAdd(at + count, -WRITER) & WAITERS) !== 0) wakeAfterRelease(cpu, at);
  },
  downReadTrylock(cpu: Cpu, at: Ptr): boolean {
    const seen = cpu.memory.load(at + count);
    return (
      (seen & NO_READER) === 0 &&
      cpu.memory.compareExchange(at + count, seen, seen + READER) === seen
    );
  },
};

const twin = (name: string, wrong: Partial<RwSleepingType>): RwSleepingType =>
  Object.freeze({ ...bare, ...wrong, name: `rwsem-${name}` });

/** A reader that is let in where `admitted` says so, and else waits as it should. */
const reads = (admitted: (seen: number) => boolean): Partial<RwSleepingType> => ({
  *downRead(cpu: Cpu, at: Ptr): Sleeps<void> {
    if (!admitted(cpu.memory.fetchAdd(at + count, READER))) yield* rwsemReadSlow(cpu, at, STATE);
  },
});

const passesWriters = twin(
  'passes-writers',
  reads((seen) => (seen & (WAITERS | HANDOFF)) === 0),
);

const passesWaiters = twin(
  'passes-waiters',
  reads((seen) => (seen & WRITER) === 0),
);

const leavesSilently = twin('leaves-silently', {
  upRead: (cpu: Cpu, at: Ptr): void => void cpu.memory.fetchAdd(at + count, -READER),
});

const wakesBeforeLeaving = twin('wakes-before-leaving', {
  upRead(cpu: Cpu, at: Ptr): void {
    if ((cpu.memory.load(at + count) & WAITERS) !== 0) wakeAfterRelease(cpu, at);
    cpu.memory.fetchAdd(at + count, -READER);
  },
});

const leavesInTwoSteps = twin('leaves-in-two-steps', {
  upRead(cpu: Cpu, at: Ptr): void {
    const left = cpu.memory.load(at + count) - READER;
    cpu.memory.store(at + count, left);
    if ((left & (INSIDE | WAITERS)) === WAITERS) wakeAfterRelease(cpu, at);
  },
});

const unlocksSilently = twin('unlocks-silently', {
  upWrite({ memory }: Cpu, at: Ptr): void {
    memory.store(at + RwSem.owner, 0);
    memory.fetchAdd(at + count, -WRITER);
  },
});

const unlocksForAll = twin('unlocks-for-all', {
  upWrite({ memory }: Cpu, at: Ptr): void {
    memory.store(at + RwSem.owner, 0);
    memory.store(at + count, 0);
  },
});

const handoffLeft = twin('hand-off-left-set', {
  *downWrite(cpu: Cpu, at: Ptr): Sleeps<void> {
    if (takeFree(cpu, at, currentTask(cpu))) return;
    yield* rwsemWriteSlow(cpu, at, STATE);
    cpu.memory.fetchOr(at + count, HANDOFF);
  },
});

const looksOnly = twin('looks-then-takes', {
  *downWrite(cpu: Cpu, at: Ptr): Sleeps<void> {
    if (cpu.memory.load(at + count) === 0) cpu.memory.fetchAdd(at + count, WRITER);
    else yield* rwsemWriteSlow(cpu, at, STATE);
  },
});

const race = { kind: 'race', message: /guarded/ } as const;
const asleep = { kind: 'deadlock', message: /idle/ } as const;

export const bustedRwsems: readonly Exploration[] = [
  readerAndWriter(passesWriters, {
    preemptions: 2,
    busted: { wrong: 'Readers do not look at the writer inside.', mustFind: race },
  }),
  writerNotPassed(passesWaiters, {
    wrong: 'Readers do not look at those that wait: a stream of them keeps a writer out.',
    mustFind: { kind: 'outcome' },
  }),
  readerAndWriter(leavesSilently, {
    preemptions: 2,
    busted: { wrong: 'The last reader does not wake the writer.', mustFind: asleep },
  }),
  readerAndWriter(wakesBeforeLeaving, {
    preemptions: 2,
    busted: {
      wrong: 'Wakes while it is still counted: the writer finds it and sleeps on.',
      mustFind: asleep,
    },
  }),
  readersAndWriter(leavesInTwoSteps, {
    preemptions: 1,
    busted: { wrong: 'Loses the change of another reader.', mustFind: asleep },
  }),
  twoWriters(unlocksSilently, {
    preemptions: 1,
    busted: { wrong: 'The writer wakes nobody.', mustFind: asleep },
  }),
  twoWriters(unlocksForAll, {
    preemptions: 1,
    busted: { wrong: 'Stores 0, and forgets that somebody waits.', mustFind: asleep },
  }),
  twoWriters(handoffLeft, {
    preemptions: 1,
    busted: {
      wrong:
        'The hand-off bit stays set after the hand-off: whoever comes later takes the long way.',
      mustFind: { kind: 'assertion', message: /looks as if/ },
    },
  }),
  twoWriters(looksOnly, {
    preemptions: 2,
    busted: { wrong: 'Two that look at the same time both take it.', mustFind: race },
  }),
  downgrade(twin('downgrades-by-unlocking', {}), {
    preemptions: 1,
    does(cpu: Cpu, at: Ptr): void {
      bare.upWrite(cpu, at);
      if (!bare.downReadTrylock(cpu, at)) cpu.memory.fetchAdd(at + count, READER);
    },
    busted: {
      wrong: 'Unlocks, and counts itself as a reader then: another writer may come in between.',
      mustFind: { kind: 'oops', message: /in between/ },
    },
  }),
  downgrade(twin('downgrades-in-two-steps', {}), {
    preemptions: 1,
    does(cpu: Cpu, at: Ptr): void {
      const { memory } = cpu;
      const seen = memory.load(at + count);
      memory.store(at + count, seen + READER - WRITER);
    },
    busted: {
      wrong: 'Loses the count, or the flag, of somebody who comes in between.',
      mustFind: asleep,
    },
  }),
];
