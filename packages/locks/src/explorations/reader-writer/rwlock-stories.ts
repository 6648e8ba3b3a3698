/** Readers and writers of a spin lock, in tasks: who may be inside together, who waits for whom, who wakes whom. */
import type { Exploration } from '@percpu/experiment';
import type { RwLockType } from '../../reader-writer/rwlock-type.ts';
import { RwLock, WAITING } from '../../reader-writer/rwlock.ts';
import { Guarded, increment } from '../guarded.ts';
import type { Busted } from '../spin/spin-locks.ts';
import { PURE_SPINNING } from '../waiting.ts';
import { read, readQuietly, rwCase, tryRead, tryWrite, twice, write } from './rw-spin-case.ts';
import type { How, Step } from './rw-spin-case.ts';

export const pair = (type: RwLockType, how: How): Exploration =>
  rwCase(type, {
    name: `reader-and-writer-${(how.waiting ?? PURE_SPINNING).name}`,
    title: `a reader and a writer exclude each other, ${(how.waiting ?? PURE_SPINNING).title}`,
    description: 'The writer changes two plain words, the reader finds both old or both new.',
    steps: [write, read],
    outcomes: [{ cpu1: 0 }, { cpu1: 1 }],
    ...how,
  });

export const readersAndWriter = (type: RwLockType, how: How): Exploration =>
  rwCase(type, {
    name: `readers-and-writer-${(how.waiting ?? PURE_SPINNING).name}`,
    title: `two readers and a writer, ${(how.waiting ?? PURE_SPINNING).title}`,
    description: 'The writer may come before, between and after the readers, and waits for both.',
    steps: [write, read, read],
    outcomes: [0, 1].flatMap((cpu1) => [0, 1].map((cpu2) => ({ cpu1, cpu2 }))),
    ...how,
  });

export const writersAndReader = (type: RwLockType, how: How): Exploration =>
  rwCase(type, {
    name: `writers-and-reader-${(how.waiting ?? PURE_SPINNING).name}`,
    title: `two writers and a reader, ${(how.waiting ?? PURE_SPINNING).title}`,
    description: 'The one that waits at the head of the queue may be a reader or a writer.',
    steps: [write, write, read],
    outcomes: [{ cpu2: 0 }, { cpu2: 1 }, { cpu2: 2 }],
    ...how,
  });

export const attempts = (type: RwLockType, how: How): Exploration =>
  rwCase(type, {
    name: 'attempts',
    title: 'attempts to read and to write against a writer',
    description: 'An attempt that fails leaves nothing behind, and nobody waiting for it.',
    steps: [write, tryRead, tryWrite],
    outcomes: ['no', 0, 1, 2].map((cpu1) => ({ cpu1 })),
    ...how,
  });

export const attemptOnce = (type: RwLockType, how: How): Exploration =>
  rwCase(type, {
    name: 'attempt-once',
    title: 'an attempt to read against a writer',
    description: 'It fails, or finds both words old or both new.',
    steps: [write, tryRead],
    outcomes: ['no', 0, 1].map((cpu1) => ({ cpu1 })),
    ...how,
  });

/** The writer comes back while the attempt, in vain, still counts. */
export const attemptAndWriter = (type: RwLockType, how: How): Exploration =>
  rwCase(type, {
    name: `attempt-and-writer-${(how.waiting ?? PURE_SPINNING).name}`,
    title: `an attempt to read against a writer that leaves and comes back, ${(how.waiting ?? PURE_SPINNING).title}`,
    description:
      'The attempt counts itself for a moment: if the writer waits for nothing else, it has to be woken.',
    steps: [
      (of, p, state): void => {
        of.write.lock(p.cpu, state.lock);
        p.cpu.memory.store(state.data + Guarded.y, 1);
        p.cpu.unpark(state.data + Guarded.y);
        of.write.unlock(p.cpu, state.lock);
        of.write.lock(p.cpu, state.lock);
        of.write.unlock(p.cpu, state.lock);
      },
      (of, { cpu }, { lock, data }): void => {
        cpu.waitWhileEquals(data + Guarded.y, 0);
        if (of.read.trylock(cpu, lock)) of.read.unlock(cpu, lock);
      },
    ],
    ...how,
  });

export const readerTwice = (type: RwLockType, how: How): Exploration =>
  rwCase(type, {
    name: `reader-twice-${(how.waiting ?? PURE_SPINNING).name}`,
    title: `a reader that comes twice, and a writer, ${(how.waiting ?? PURE_SPINNING).title}`,
    description: 'The reader comes back just when the writer that waited for it enters.',
    steps: [write, twice(readQuietly)],
    ...how,
  });

export const attemptToRead = (type: RwLockType, how: How): Exploration =>
  rwCase(type, {
    name: `attempt-to-read-${(how.waiting ?? PURE_SPINNING).name}`,
    title: `an attempt to read while a writer waits for a reader, ${(how.waiting ?? PURE_SPINNING).title}`,
    description:
      'The attempt counts itself for a moment: whoever makes the count that the writer waits for has to wake it.',
    steps: [write, read, tryRead],
    outcomes: [0, 1].flatMap((cpu1) => ['no', 0, 1].map((cpu2) => ({ cpu1, cpu2 }))),
    ...how,
  });

/** Both readers are inside at the same time: each waits there for the other. */
export const together = (type: RwLockType, busted?: Busted): Exploration =>
  rwCase(type, {
    name: 'readers-together',
    title: 'two readers are inside at the same time',
    description: 'Each reader stays inside until the other is there too.',
    steps: [0, 1].map((): Step => (of, { cpu }, { lock, data }) => {
      of.read.lock(cpu, lock);
      const inside = cpu.memory.fetchAdd(data + Guarded.x, 1) + 1;
      if (inside === 2) cpu.unpark(data + Guarded.x);
      else cpu.waitWhileEquals(data + Guarded.x, inside);
      of.read.unlock(cpu, lock);
    }),
    ...(busted === undefined ? {} : { busted }),
  });

/** Stages of `writerNotPassed`, in a word beside the data. */
const READER_INSIDE = 1;
const WRITER_WAITS = 2;

/** The third comes when the writer is known to wait for the first. */
export const writerNotPassed = (type: RwLockType, busted?: Busted): Exploration =>
  rwCase(type, {
    name: 'writer-not-passed',
    title: 'a reader does not pass a writer that waits',
    description:
      'A reader stays until a writer waits for it, and only then another reader comes: it finds what the writer wrote.',
    preemptions: 1,
    steps: [
      (of, { cpu }, { lock, data }): void => {
        of.read.lock(cpu, lock);
        cpu.memory.store(data + Guarded.y, READER_INSIDE);
        cpu.unpark(data + Guarded.y);
        let seen = cpu.memory.load(lock + RwLock.cnts);
        while ((seen & WAITING) === 0) seen = cpu.waitWhileEquals(lock + RwLock.cnts, seen);
        cpu.memory.store(data + Guarded.y, WRITER_WAITS);
        cpu.unpark(data + Guarded.y);
        of.read.unlock(cpu, lock);
      },
      (of, { cpu }, { lock, data }): void => {
        cpu.waitWhileEquals(data + Guarded.y, 0);
        of.write.lock(cpu, lock);
        increment(cpu, data);
        of.write.unlock(cpu, lock);
      },
      (of, p, { lock, data }): void => {
        p.cpu.waitUntilEquals(data + Guarded.y, WRITER_WAITS);
        of.read.lock(p.cpu, lock);
        p.see('x', p.cpu.memory.read(data + Guarded.x));
        of.read.unlock(p.cpu, lock);
      },
    ],
    outcomes: [{ x: 1 }],
    ...(busted === undefined ? {} : { busted }),
  });
