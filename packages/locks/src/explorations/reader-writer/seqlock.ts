/** Sequence counters and locks: whatever a reader keeps, it is whole. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { SeqCountLocked, seqcountOf } from '../../reader-writer/seqcount.ts';
import {
  doneSeqretry,
  needSeqretry,
  readSeqbegin,
  readSeqbeginOrLock,
  readSeqretry,
  SeqLock,
  seqlockExcl,
  seqlockWrite,
} from '../../reader-writer/seqlock.ts';
import { ticket } from '../../spin/ticket-lock.ts';
import { allocLock, Guarded, lockAndData } from '../guarded.ts';
import type { LockAndData } from '../guarded.ts';
import { mutualExclusion } from '../spin/spin-locks.ts';
import { PURE_SPINNING, SLEEPS_AT_ONCE } from '../waiting.ts';
import type { WaitingStyle } from '../waiting.ts';

const VECTOR = FIRST_FREE_VECTOR;

export type SeqStep = (p: Program<Cpu>, state: LockAndData) => void;

/** Sets both words to the next number. */
function store(cpu: Cpu, data: Ptr): void {
  const next = cpu.memory.load(data + Guarded.x) + 1;
  cpu.memory.store(data + Guarded.x, next);
  cpu.memory.store(data + Guarded.y, next);
}

/** What `see` shows of two words that belong together. */
export function whole(x: number, y: number): number | string {
  return x === y ? x : `${x}|${y}`;
}

const write: SeqStep = ({ cpu }, { lock, data }) => {
  seqlockWrite.lock(cpu, lock);
  store(cpu, data);
  seqlockWrite.unlock(cpu, lock);
};

const writeIrqsave: SeqStep = ({ cpu }, { lock, data }) => {
  const flags = seqlockWrite.lockIrqsave(cpu, lock);
  store(cpu, data);
  seqlockWrite.unlockIrqrestore(cpu, lock, flags);
};

const tryWrite: SeqStep = ({ cpu }, { lock, data }) => {
  if (!seqlockWrite.trylock(cpu, lock)) return;
  store(cpu, data);
  seqlockWrite.unlock(cpu, lock);
};

function readPair(cpu: Cpu, lock: Ptr, data: Ptr): number | string {
  let x: number;
  let y: number;
  let start: number;
  do {
    start = readSeqbegin(cpu, lock);
    x = cpu.memory.load(data + Guarded.x);
    y = cpu.memory.load(data + Guarded.y);
  } while (readSeqretry(cpu, lock, start));
  return whole(x, y);
}

const read: SeqStep = (p, { lock, data }) => p.see(`cpu${p.id}`, readPair(p.cpu, lock, data));

const readOrLock: SeqStep = (p, { lock, data }) => {
  let x = 0;
  let y = 0;
  let sequence = 0;
  for (let turn = 0; turn < 2; turn++) {
    sequence = readSeqbeginOrLock(p.cpu, lock, turn);
    x = p.cpu.memory.load(data + Guarded.x);
    y = p.cpu.memory.load(data + Guarded.y);
    if (!needSeqretry(p.cpu, lock, sequence)) break;
  }
  doneSeqretry(p.cpu, lock, sequence);
  p.see(`cpu${p.id}`, whole(x, y));
};

const readExcl: SeqStep = (p, { lock, data }) => {
  seqlockExcl.lock(p.cpu, lock);
  p.see(
    `cpu${p.id}`,
    whole(p.cpu.memory.load(data + Guarded.x), p.cpu.memory.load(data + Guarded.y)),
  );
  seqlockExcl.unlock(p.cpu, lock);
};

interface Case {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly programs: readonly SeqStep[];
  readonly on?: 'cpu' | 'machine';
  readonly waiting?: WaitingStyle;
  readonly preemptions?: number;
  readonly outcomes?: readonly Readonly<Record<string, number | string>>[];
  readonly mustFind?: MustFind;
  /** The handler that interrupts CPU 0. */
  readonly handler?: (cpu: Cpu, state: LockAndData) => void;
}

export function seqCase(how: Case): Exploration {
  const { name, title, description, programs, on = 'cpu', waiting = PURE_SPINNING } = how;
  const bounded =
    how.preemptions === undefined
      ? ''
      : ` (${how.preemptions} preemption${how.preemptions === 1 ? '' : 's'})`;
  return exploration<LockAndData, Cpu>({
    name: `seqlock-${name}`,
    title: how.mustFind === undefined ? `seqlock: ${title}${bounded}` : `busted twin: ${title}`,
    description,
    on,
    parameters: waiting.parameters,
    limits: how.preemptions === undefined ? {} : { preemptions: how.preemptions },
    setup(world: World<Cpu>) {
      const state = lockAndData(world, seqlockWrite);
      const { handler } = how;
      if (handler !== undefined) world.cpus[0]!.setVector(VECTOR, (cpu) => handler(cpu, state));
      return state;
    },
    programs,
    after({ cpus }: World<Cpu>, { lock }) {
      const { memory } = cpus[0]!;
      if ((memory.load(lock + SeqLock.count) & 1) !== 0 || seqlockWrite.isLocked(cpus[0]!, lock))
        throw new Error('nobody writes, but it looks so');
    },
    allowed: how.outcomes,
    mustFind: how.mustFind,
  });
}

const interruptedWriter =
  (task: SeqStep): SeqStep =>
  (p, state): void => {
    p.cpu.raise(0, VECTOR);
    task(p, state);
  };

export function expectWhole(pair: number | string): void {
  if (typeof pair === 'string') throw new Error(`torn: ${pair}`);
}

/** A sequence counter and the lock of its writers, side by side. */
const associated = seqcountOf(ticket);

const withAssociatedLock: Exploration = exploration<LockAndData & { readonly count: Ptr }, Cpu>({
  name: 'seqcount-with-lock',
  title: 'seqcount: two writers under the lock that it knows, and a reader (2 preemptions)',
  description: 'The lock orders the writers, the number tells the reader of either.',
  on: 'cpu',
  parameters: PURE_SPINNING.parameters,
  limits: { preemptions: 2 },
  setup(world: World<Cpu>) {
    const count = world.alloc(SeqCountLocked.size);
    const lock = allocLock(world, ticket);
    associated.init(world.cpus[0]!, count, lock);
    return { count, ...lockAndData(world, seqlockWrite), lock };
  },
  programs: [
    ...[0, 1].map(
      () =>
        ({ cpu }: Program<Cpu>, state: LockAndData & { readonly count: Ptr }): void => {
          ticket.lock(cpu, state.lock);
          associated.writeBegin(cpu, state.count);
          store(cpu, state.data);
          associated.writeEnd(cpu, state.count);
          ticket.unlock(cpu, state.lock);
        },
    ),
    (p: Program<Cpu>, { count, data }): void => p.see('cpu2', readPair(p.cpu, count, data)),
  ],
  allowed: [{ cpu2: 0 }, { cpu2: 1 }, { cpu2: 2 }],
});

export const seqlockExplorations: readonly Exploration[] = [
  ...[PURE_SPINNING, SLEEPS_AT_ONCE].map((waiting) =>
    mutualExclusion(seqlockWrite, { cpus: 2, waiting }),
  ),
  ...[PURE_SPINNING, SLEEPS_AT_ONCE].map((waiting) =>
    seqCase({
      name: `reader-and-writer-${waiting.name}`,
      title: `a reader beside a writer, ${waiting.title}`,
      description: 'The reader keeps both words old or both new.',
      programs: [write, read],
      waiting,
      outcomes: [{ cpu1: 0 }, { cpu1: 1 }],
    }),
  ),
  seqCase({
    name: 'reader-and-writers',
    title: 'a reader beside two writers',
    description: 'It may read again and again, but keeps only what is whole.',
    programs: [write, write, read],
    preemptions: 2,
    outcomes: [0, 1, 2].map((cpu2) => ({ cpu2 })),
  }),
  seqCase({
    name: 'readers-and-attempt',
    title: 'two readers beside an attempt to write',
    description: 'Readers keep nobody out: the attempt always succeeds.',
    programs: [tryWrite, read, read],
    preemptions: 2,
    outcomes: [0, 1].flatMap((cpu1) => [0, 1].map((cpu2) => ({ cpu1, cpu2 }))),
  }),
  seqCase({
    name: 'reader-that-locks',
    title: 'a reader that takes the lock the second time round',
    description: 'It reads at most twice, and keeps what is whole.',
    programs: [write, readOrLock],
    outcomes: [{ cpu1: 0 }, { cpu1: 1 }],
  }),
  seqCase({
    name: 'reader-that-excludes',
    title: 'a reader that keeps writers out, and one that does not',
    description:
      'The first waits for the writer, and it for the first; the second waits for no reader.',
    programs: [write, readExcl, read],
    preemptions: 2,
    outcomes: [0, 1].flatMap((cpu1) => [0, 1].map((cpu2) => ({ cpu1, cpu2 }))),
  }),
  seqCase({
    name: 'writer-interrupted',
    title: 'a writer with interrupts off, and an interrupt that reads',
    description: 'The interrupt comes before or after the writer, never within.',
    on: 'machine',
    programs: [interruptedWriter(writeIrqsave)],
    handler: (cpu, { lock, data }) => expectWhole(readPair(cpu, lock, data)),
  }),
  seqCase({
    name: 'reader-interrupted',
    title: 'a reader, interrupted by the writer',
    description: 'The reader finds that it was interrupted, and reads again.',
    on: 'machine',
    programs: [interruptedWriter(read)],
    handler: (cpu, { lock, data }) => {
      seqlockWrite.lock(cpu, lock);
      store(cpu, data);
      seqlockWrite.unlock(cpu, lock);
    },
    outcomes: [{ cpu0: 0 }, { cpu0: 1 }],
  }),
  withAssociatedLock,
  seqCase({
    name: 'lets-interrupts-in',
    title: 'seqlock-lets-interrupts-in',
    description: 'An interrupt waits for the writer on top of which it runs.',
    on: 'machine',
    programs: [interruptedWriter(write)],
    handler: (cpu, { lock, data }) => expectWhole(readPair(cpu, lock, data)),
    mustFind: { kind: 'deadlock', message: /sequence/ },
  }),
];
