/** The rwsem: what it has beyond other reader-writer locks whose waiters sleep. */
import type { Exploration } from '@percpu/experiment';
import { currentTask, Errno, sendSignal, Signal } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import type { RwSleepingType } from '../../reader-writer/rw-sleeping-type.ts';
import { RwSem, WAITERS } from '../../reader-writer/rwsem-layout.ts';
import {
  downgradeWrite,
  downReadInterruptible,
  downWriteKillable,
  downWriteTrylock,
  rwsem,
} from '../../reader-writer/rwsem.ts';
import { Guarded } from '../guarded.ts';
import {
  attempt,
  change,
  read,
  readerAndWriter,
  readersAndWriter,
  rwSleepingCase,
  see,
  together,
  twoWriters,
  write,
  writersAndReader,
} from './rw-sleeping.ts';
import type { BustedSleeper, RwHow, RwStep } from './rw-sleeping.ts';

/** Writes, then goes on as a reader: nothing can have changed in between. */
const downgrades = (downgrade: (cpu: Cpu, at: Ptr) => void): RwStep =>
  function* (type, p, { at, data }): Sleeps<void> {
    yield* type.downWrite(p.cpu, at);
    change(p.cpu, data);
    const written = p.cpu.memory.read(data + Guarded.x);
    downgrade(p.cpu, at);
    see(p, data);
    if (p.cpu.memory.read(data + Guarded.x) !== written)
      throw new Error('a writer came in between');
    type.upRead(p.cpu, at);
  };

export const downgrade = (
  type: RwSleepingType,
  how: RwHow & { readonly does: (cpu: Cpu, at: Ptr) => void },
): Exploration =>
  rwSleepingCase(type, {
    name: 'downgrade',
    title: 'a writer becomes a reader, beside a writer and a reader',
    description: 'The other writer comes before or after both, never in between.',
    steps: [downgrades(how.does), write, read],
    outcomes: [1, 2].flatMap((cpu0) => [0, 1, 2].map((cpu2) => ({ cpu0, cpu2 }))),
    ...how,
  });

/** A reader that waits gets in with the one that was a writer. */
const downgradeLetsReadersIn = (type: RwSleepingType, busted?: BustedSleeper): Exploration =>
  rwSleepingCase(type, {
    name: 'downgrade-lets-readers-in',
    title: 'a writer that becomes a reader lets the reader in that waits for it',
    description: 'It stays inside until the other reader is there too.',
    preemptions: 2,
    steps: [
      function* (of, { cpu }, { at, data }): Sleeps<void> {
        yield* of.downWrite(cpu, at);
        downgradeWrite(cpu, at);
        cpu.waitWhileEquals(data + Guarded.x, 0);
        of.upRead(cpu, at);
      },
      function* (of, { cpu }, { at, data }): Sleeps<void> {
        yield* of.downRead(cpu, at);
        cpu.memory.store(data + Guarded.x, 1);
        cpu.unpark(data + Guarded.x);
        of.upRead(cpu, at);
      },
    ],
    ...(busted === undefined ? {} : { busted }),
  });

const twice = (step: RwStep): RwStep =>
  function* (type, p, state): Sleeps<void> {
    yield* step(type, p, state);
    yield* step(type, p, state);
  };

/** The task of CPU 1 says who it is, and CPU 0 sends it a signal while it may wait. */
const signalled = (
  name: string,
  title: string,
  down: (cpu: Cpu, at: Ptr) => Sleeps<number>,
  up: 'upRead' | 'upWrite',
  behind: RwStep,
): Exploration =>
  rwSleepingCase(rwsem, {
    name,
    title,
    description:
      'It gets in or gives up, and takes nothing with it: neither the rwsem, nor the wake-up of the one behind it.',
    preemptions: 1,
    steps: [
      function* (type, { cpu }, { at, data }): Sleeps<void> {
        yield* type.downWrite(cpu, at);
        const task = cpu.memory.load(data + Guarded.y);
        if (task !== 0) sendSignal(cpu, task, Signal.SIGKILL);
        type.upWrite(cpu, at);
      },
      function* (type, p, { at, data }): Sleeps<void> {
        p.cpu.memory.store(data + Guarded.y, currentTask(p.cpu));
        const result = yield* down(p.cpu, at);
        p.see('ended', result === 0 ? 'inside' : result === Errno.EINTR ? 'signal' : 'neither');
        if (result === 0) type[up](p.cpu, at);
      },
      behind,
    ],
    outcomes: [{ ended: 'inside' }, { ended: 'signal' }],
  });

const comesAndGoes = (side: 'Read' | 'Write'): RwStep =>
  function* (type, { cpu }, { at }): Sleeps<void> {
    yield* type[`down${side}`](cpu, at);
    type[`up${side}`](cpu, at);
  };

const tryWrite: RwStep = function* (type, p, { at, data }): Sleeps<void> {
  const taken = downWriteTrylock(p.cpu, at);
  p.see('taken', taken);
  if (!taken) return;
  change(p.cpu, data);
  type.upWrite(p.cpu, at);
};

/** A reader that comes when a writer is known to wait goes behind it. */
export const writerNotPassed = (type: RwSleepingType, busted?: BustedSleeper): Exploration =>
  rwSleepingCase(type, {
    name: 'writer-not-passed',
    title: 'a reader does not pass a writer that waits',
    description:
      'A reader stays until a writer waits for it, and only then another reader comes: it finds what the writer wrote.',
    preemptions: 0,
    steps: [
      function* (of, { cpu }, { at, data }): Sleeps<void> {
        yield* of.downRead(cpu, at);
        cpu.memory.store(data + Guarded.y, 1);
        cpu.unpark(data + Guarded.y);
        // Joining wakes nobody, so this does not sleep on the word.
        while ((cpu.memory.load(at + RwSem.count) & WAITERS) === 0) cpu.relax();
        cpu.memory.store(data + Guarded.y, 2);
        cpu.unpark(data + Guarded.y);
        of.upRead(cpu, at);
      },
      function* (of, { cpu }, { at, data }): Sleeps<void> {
        cpu.waitWhileEquals(data + Guarded.y, 0);
        yield* of.downWrite(cpu, at);
        cpu.memory.write(data + Guarded.x, 1);
        of.upWrite(cpu, at);
      },
      function* (of, p, { at, data }): Sleeps<void> {
        p.cpu.waitUntilEquals(data + Guarded.y, 2);
        yield* of.downRead(p.cpu, at);
        p.see('x', p.cpu.memory.read(data + Guarded.x));
        of.upRead(p.cpu, at);
      },
    ],
    outcomes: [{ x: 1 }],
    ...(busted === undefined ? {} : { busted }),
  });

const writerTwice = (type: RwSleepingType, how: RwHow): Exploration =>
  rwSleepingCase(type, {
    name: `writer-twice${how.budget === undefined ? '' : `-spin-${how.budget}`}`,
    title: 'a writer that comes twice, and another',
    description: 'The first overtakes the waiter that it woke; that one asks for the hand-off.',
    steps: [twice(write), write],
    ...how,
  });

const writerTwiceAndReader = (type: RwSleepingType, how: RwHow): Exploration =>
  rwSleepingCase(type, {
    name: 'writer-twice-and-reader',
    title: 'a writer that comes twice, and a reader',
    description: 'The writer overtakes the reader that it was about to let in.',
    steps: [twice(write), read],
    outcomes: [{ cpu1: 0 }, { cpu1: 1 }, { cpu1: 2 }],
    ...how,
  });

export const rwsemExplorations: readonly Exploration[] = [
  readerAndWriter(rwsem, { budget: 0, preemptions: 2 }),
  readerAndWriter(rwsem, { budget: 2, preemptions: 3 }),
  twoWriters(rwsem, { budget: 0, preemptions: 2 }),
  twoWriters(rwsem, { budget: 2, preemptions: 2 }),
  readersAndWriter(rwsem, { preemptions: 1 }),
  writersAndReader(rwsem, { preemptions: 1 }),
  attempt(rwsem, { preemptions: 1 }),
  together(rwsem, {}),
  writerTwice(rwsem, { budget: 0, preemptions: 2 }),
  writerTwice(rwsem, { budget: 2, preemptions: 2 }),
  writerTwiceAndReader(rwsem, { preemptions: 2 }),
  writerNotPassed(rwsem),
  downgrade(rwsem, { does: downgradeWrite, preemptions: 1 }),
  downgradeLetsReadersIn(rwsem),
  rwSleepingCase(rwsem, {
    name: 'attempt-to-write',
    title: 'an attempt to write against a writer and a reader',
    description: 'An attempt that fails has changed nothing, one that succeeds excludes.',
    preemptions: 1,
    steps: [comesAndGoes('Read'), write, tryWrite],
    outcomes: [{ taken: true }, { taken: false }],
  }),
  signalled(
    'killed-writer',
    'a writer that waits is killed, with a reader behind it',
    downWriteKillable,
    'upWrite',
    comesAndGoes('Read'),
  ),
  signalled(
    'interrupted-reader',
    'a reader that waits gets a signal, with a writer behind it',
    downReadInterruptible,
    'upRead',
    comesAndGoes('Write'),
  ),
];
