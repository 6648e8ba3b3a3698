/** The queued reader-writer lock. */
import type { Exploration } from '@percpu/experiment';
import { rwlock } from '../../reader-writer/rwlock.ts';
import { forms } from '../spin/interrupted.ts';
import { mutualExclusion } from '../spin/spin-locks.ts';
import { PURE_SPINNING, SLEEPS_AFTER_ONE_TURN, SLEEPS_AT_ONCE } from '../waiting.ts';
import { read, rwCase, write } from './rw-spin-case.ts';
import { interrupted, readerInterrupted, writeIrqsave } from './rwlock-interrupted.ts';
import type { Interrupted } from './rwlock-interrupted.ts';
import {
  attemptAndWriter,
  attemptOnce,
  attempts,
  attemptToRead,
  pair,
  readersAndWriter,
  readerTwice,
  together,
  writerNotPassed,
  writersAndReader,
} from './rwlock-stories.ts';

export const rwlockExplorations: readonly Exploration[] = [
  mutualExclusion(rwlock.write, { cpus: 2, waiting: PURE_SPINNING }),
  mutualExclusion(rwlock.write, { cpus: 2, waiting: SLEEPS_AT_ONCE }),
  mutualExclusion(rwlock.write, { cpus: 3, waiting: PURE_SPINNING, limits: { preemptions: 2 } }),
  pair(rwlock, {}),
  pair(rwlock, { waiting: SLEEPS_AT_ONCE }),
  pair(rwlock, { waiting: SLEEPS_AFTER_ONE_TURN }),
  readersAndWriter(rwlock, { preemptions: 2 }),
  readersAndWriter(rwlock, { waiting: SLEEPS_AT_ONCE, preemptions: 2 }),
  writersAndReader(rwlock, { preemptions: 2 }),
  writersAndReader(rwlock, { waiting: SLEEPS_AT_ONCE, preemptions: 2 }),
  attempts(rwlock, { preemptions: 3 }),
  attemptToRead(rwlock, { waiting: SLEEPS_AT_ONCE, preemptions: 2 }),
  attemptOnce(rwlock, {}),
  attemptAndWriter(rwlock, {}),
  attemptAndWriter(rwlock, { waiting: SLEEPS_AT_ONCE }),
  readerTwice(rwlock, { preemptions: 3 }),
  readerTwice(rwlock, { waiting: SLEEPS_AT_ONCE, preemptions: 2 }),
  together(rwlock),
  writerNotPassed(rwlock),
  readerInterrupted(rwlock, { preemptions: 2 }),
  readerInterrupted(rwlock, { waiting: SLEEPS_AT_ONCE, preemptions: 1 }),
  interrupted(rwlock, {
    name: 'writer-interrupted',
    title: 'a writer with interrupts off, an interrupt that reads, and a reader',
    description: 'The interrupt comes before or after the section, never within.',
    task: writeIrqsave,
    other: read,
    preemptions: 2,
  }),
  ...forms(rwlock.write),
  expectBusted(
    'rwlock-writer-lets-interrupts-in',
    'A handler reads while the task it interrupted is the writer.',
    { task: write, other: read },
  ),
  readTwice(),
];

/** What callers get wrong. */
function expectBusted(
  name: string,
  wrong: string,
  steps: Pick<Interrupted, 'task' | 'other'>,
): Exploration {
  const mustFind = { kind: 'oops', message: /recursion/ } as const;
  const type = { ...rwlock, name };
  return interrupted(type, {
    name,
    title: name,
    description: wrong,
    ...steps,
    preemptions: 1,
    busted: { wrong, mustFind },
  });
}

function readTwice(): Exploration {
  const type = { ...rwlock, name: 'rwlock-read-twice-by-a-task' };
  return rwCase(type, {
    ...{ name: '', title: '', description: '' },
    steps: [
      (of, { cpu }, { lock }): void => {
        of.read.lock(cpu, lock);
        of.read.lock(cpu, lock);
        of.read.unlock(cpu, lock);
        of.read.unlock(cpu, lock);
      },
      write,
    ],
    busted: {
      wrong: 'A task reads, and reads again behind a writer that waits for it.',
      mustFind: { kind: 'deadlock', message: /cnts|queue|locked/ },
    },
  });
}
