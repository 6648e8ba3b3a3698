/** Reader-writer spin locks: who may be inside together, who waits for whom, who wakes whom. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import type { RwLockType } from '../../reader-writer/rwlock-type.ts';
import { RwLock, rwlock, WAITING } from '../../reader-writer/rwlock.ts';
import { Guarded, increment, lockAndData } from '../guarded.ts';
import type { LockAndData } from '../guarded.ts';
import { forms } from '../spin/interrupted.ts';
import { mutualExclusion } from '../spin/spin-locks.ts';
import type { Busted } from '../spin/spin-locks.ts';
import { PURE_SPINNING, SLEEPS_AFTER_ONE_TURN, SLEEPS_AT_ONCE } from '../waiting.ts';
import type { WaitingStyle } from '../waiting.ts';

const VECTOR = FIRST_FREE_VECTOR;

interface How {
  readonly waiting?: WaitingStyle;
  readonly preemptions?: number;
  readonly busted?: Busted;
}

type Step = (type: RwLockType, p: Program<Cpu>, state: LockAndData) => void;

const setup =
  (type: RwLockType) =>
  (world: World<Cpu>): LockAndData =>
    lockAndData(world, type.write);

/** Changes two plain words. */
const write: Step = (type, { cpu }, { lock, data }) => {
  type.write.lock(cpu, lock);
  increment(cpu, data);
  cpu.memory.write(data + Guarded.y, cpu.memory.read(data + Guarded.x));
  type.write.unlock(cpu, lock);
};

/** Reads both: a writer inside is a race. */
const read: Step = (type, p, { lock, data }) => {
  type.read.lock(p.cpu, lock);
  see(p, data);
  type.read.unlock(p.cpu, lock);
};

function see(p: Program<Cpu>, data: Ptr): void {
  const x = p.cpu.memory.read(data + Guarded.x);
  const y = p.cpu.memory.read(data + Guarded.y);
  p.see(`cpu${p.id}`, x === y ? x : `${x}|${y}`);
}

/** Nothing that `see` could say: for those that read more than once. */
const readQuietly: Step = (type, { cpu }, { lock, data }) => {
  type.read.lock(cpu, lock);
  const x = cpu.memory.read(data + Guarded.x);
  const y = cpu.memory.read(data + Guarded.y);
  type.read.unlock(cpu, lock);
  if (x !== y) throw new Error(`torn: ${x}, ${y}`);
};

const twice =
  (step: Step): Step =>
  (type, p, state) => {
    step(type, p, state);
    step(type, p, state);
  };

const tryRead: Step = (type, p, { lock, data }) => {
  if (!type.read.trylock(p.cpu, lock)) {
    p.see(`cpu${p.id}`, 'no');
    return;
  }
  see(p, data);
  type.read.unlock(p.cpu, lock);
};

const tryWrite: Step = (type, { cpu }, { lock, data }) => {
  if (!type.write.trylock(cpu, lock)) return;
  increment(cpu, data);
  cpu.memory.write(data + Guarded.y, cpu.memory.read(data + Guarded.x));
  type.write.unlock(cpu, lock);
};

function expectFree({ cpus }: World<Cpu>, { name }: RwLockType, lock: Ptr): void {
  const left = cpus[0]!.memory.load(lock + RwLock.cnts);
  if (left !== 0) throw new Error(`nobody is inside, but ${name} counts 0x${left.toString(16)}`);
}

interface Case extends How {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly steps: readonly Step[];
  readonly outcomes?: readonly Readonly<Record<string, number | string>>[];
}

function rwCase(type: RwLockType, how: Case): Exploration {
  const { name, title, description, steps, waiting = PURE_SPINNING, preemptions, busted } = how;
  const bounded = preemptions === undefined ? '' : ` (${preemptions} preemptions)`;
  return exploration<LockAndData, Cpu>({
    name: busted === undefined ? `${type.name}-${name}` : type.name,
    title: busted === undefined ? `${type.name}: ${title}${bounded}` : `busted twin: ${type.name}`,
    description: busted?.wrong ?? description,
    on: 'cpu',
    parameters: waiting.parameters,
    limits: preemptions === undefined ? {} : { preemptions },
    setup: setup(type),
    programs: steps.map((step) => (p: Program<Cpu>, state: LockAndData) => step(type, p, state)),
    after: (world: World<Cpu>, { lock }) => expectFree(world, type, lock),
    allowed: busted === undefined || busted.mustFind.kind === 'outcome' ? how.outcomes : undefined,
    mustFind: busted?.mustFind,
  });
}

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

const readerTwice = (type: RwLockType, how: How): Exploration =>
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

interface Interrupted extends How {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Of the task that is interrupted by a reader. */
  readonly task: Step;
  /** Of the second CPU. */
  readonly other: Step;
}

/** CPU 0 is interrupted between any two accesses by a handler that reads. */
export function interrupted(type: RwLockType, how: Interrupted): Exploration {
  const {
    name,
    title,
    description,
    task,
    other,
    waiting = PURE_SPINNING,
    preemptions,
    busted,
  } = how;
  const bounded = preemptions === undefined ? '' : ` (${preemptions} preemptions)`;
  return exploration<LockAndData, Cpu>({
    name: busted === undefined ? `${type.name}-${name}` : type.name,
    title: busted === undefined ? `${type.name}: ${title}${bounded}` : `busted twin: ${type.name}`,
    description: busted?.wrong ?? description,
    on: 'machine',
    parameters: waiting.parameters,
    limits: preemptions === undefined ? {} : { preemptions },
    setup(world: World<Cpu>) {
      const state = setup(type)(world);
      world.cpus[0]!.setVector(VECTOR, (cpu) => {
        type.read.lock(cpu, state.lock);
        const x = cpu.memory.read(state.data + Guarded.x);
        const y = cpu.memory.read(state.data + Guarded.y);
        type.read.unlock(cpu, state.lock);
        if (x !== y) throw new Error(`torn: ${x}, ${y}`);
      });
      return state;
    },
    programs: [
      (p: Program<Cpu>, state): void => {
        p.cpu.raise(0, VECTOR);
        task(type, p, state);
      },
      (p: Program<Cpu>, state): void => other(type, p, state),
    ],
    after: (world: World<Cpu>, { lock }) => expectFree(world, type, lock),
    mustFind: busted?.mustFind,
  });
}

export const readerInterrupted = (type: RwLockType, how: How): Exploration =>
  interrupted(type, {
    name: `reader-interrupted-${(how.waiting ?? PURE_SPINNING).name}`,
    title: `a reader, interrupted by a reader, and a writer, ${(how.waiting ?? PURE_SPINNING).title}`,
    description:
      'While the writer waits for the task, the interrupt on top of that task gets in: it does not queue.',
    task: read,
    other: write,
    ...how,
  });

/** A writer that keeps interrupts out. */
const writeIrqsave: Step = (type, { cpu }, { lock, data }) => {
  const flags = type.write.lockIrqsave(cpu, lock);
  increment(cpu, data);
  cpu.memory.write(data + Guarded.y, cpu.memory.read(data + Guarded.x));
  type.write.unlockIrqrestore(cpu, lock, flags);
};

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
