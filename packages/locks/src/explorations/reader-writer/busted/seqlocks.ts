/** Sequence locks with one step that is wrong, on either side. The lock itself is right: the twins do by hand what it does. */
import type { Exploration, MustFind } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { SeqLock, seqlockExcl } from '../../../reader-writer/seqlock.ts';
import { Guarded } from '../../guarded.ts';
import { SLEEPS_AT_ONCE } from '../../waiting.ts';
import type { WaitingStyle } from '../../waiting.ts';
import { seqCase, whole } from '../seqlock.ts';
import type { SeqStep } from '../seqlock.ts';

const { count } = SeqLock;

/** A writer: `change` under the lock of the writers, which is right. */
const writer =
  (change: (cpu: Cpu, lock: Ptr, data: Ptr) => void): SeqStep =>
  ({ cpu }, { lock, data }) => {
    seqlockExcl.lock(cpu, lock);
    change(cpu, lock, data);
    seqlockExcl.unlock(cpu, lock);
  };

function add(cpu: Cpu, lock: Ptr, delta: number): void {
  cpu.memory.fetchAdd(lock + count, delta);
}

/** As in seqcount.ts. */
const rightWrite = writer((cpu, lock, data) => {
  add(cpu, lock, 1);
  cpu.memory.store(data + Guarded.x, 1);
  cpu.memory.store(data + Guarded.y, 1);
  add(cpu, lock, 1);
  cpu.unpark(lock + count);
});

/** A reader of three steps. */
interface Reader {
  readonly begin?: (cpu: Cpu, lock: Ptr) => number;
  readonly read?: (cpu: Cpu, at: Ptr) => number;
  readonly retry?: (cpu: Cpu, lock: Ptr, start: number) => boolean;
}

const begin = (cpu: Cpu, lock: Ptr): number => {
  let seen = cpu.memory.load(lock + count);
  while ((seen & 1) !== 0) seen = cpu.waitWhileEquals(lock + count, seen);
  return seen;
};
const load = (cpu: Cpu, at: Ptr): number => cpu.memory.load(at);
const changed = (cpu: Cpu, lock: Ptr, start: number): boolean =>
  cpu.memory.load(lock + count) !== start;

const reader =
  (steps: Reader): SeqStep =>
  (p, { lock, data }) => {
    const { begin: first = begin, read = load, retry = changed } = steps;
    let start: number;
    let x: number;
    let y: number;
    do {
      start = first(p.cpu, lock);
      x = read(p.cpu, data + Guarded.x);
      y = read(p.cpu, data + Guarded.y);
    } while (retry(p.cpu, lock, start));
    p.see('kept', whole(x, y));
  };

const rightRead = reader({});

function twin(
  name: string,
  description: string,
  programs: readonly SeqStep[],
  mustFind: MustFind,
  waiting?: WaitingStyle,
): Exploration {
  return seqCase({
    ...{ name, title: `seqlock-${name}`, description, programs, mustFind },
    ...(mustFind.kind === 'outcome' ? { outcomes: [{ kept: 0 }, { kept: 1 }] } : {}),
    ...(waiting === undefined ? {} : { waiting }),
  });
}

const torn = { kind: 'outcome', message: /\|/ } as const;
const race = { kind: 'race', message: /guarded/ } as const;

export const bustedSeqlocks: readonly Exploration[] = [
  twin(
    'counts-late',
    'The number turns odd after the first word: a reader may be done by then.',
    [
      writer((cpu, lock, data) => {
        cpu.memory.store(data + Guarded.x, 1);
        add(cpu, lock, 1);
        cpu.memory.store(data + Guarded.y, 1);
        add(cpu, lock, 1);
        cpu.unpark(lock + count);
      }),
      rightRead,
    ],
    torn,
  ),
  twin(
    'ends-early',
    'The number turns even before the last word.',
    [
      writer((cpu, lock, data) => {
        add(cpu, lock, 1);
        cpu.memory.store(data + Guarded.x, 1);
        add(cpu, lock, 1);
        cpu.unpark(lock + count);
        cpu.memory.store(data + Guarded.y, 1);
      }),
      rightRead,
    ],
    torn,
  ),
  twin(
    'never-odd',
    'One step of two at the end: who reads before that finds the same number twice.',
    [
      writer((cpu, lock, data) => {
        cpu.memory.store(data + Guarded.x, 1);
        cpu.memory.store(data + Guarded.y, 1);
        add(cpu, lock, 2);
      }),
      rightRead,
    ],
    torn,
  ),
  twin('reads-once', 'No second look.', [rightWrite, reader({ retry: () => false })], torn),
  twin(
    'ignores-odd',
    'Begins beside a writer, and ends before it does.',
    [rightWrite, reader({ begin: (cpu, lock) => cpu.memory.load(lock + count) })],
    torn,
  ),
  twin(
    'looks-for-odd-only',
    'The second look asks whether somebody writes, not whether somebody has.',
    [rightWrite, reader({ retry: (cpu, lock) => (cpu.memory.load(lock + count) & 1) !== 0 })],
    torn,
  ),
  twin(
    'reads-plainly',
    'Plain reads beside a writer: a race, though what comes of it is thrown away.',
    [rightWrite, reader({ read: (cpu, at) => cpu.memory.read(at) })],
    race,
  ),
  twin(
    'writes-plainly',
    'Plain writes beside readers.',
    [
      writer((cpu, lock, data) => {
        add(cpu, lock, 1);
        cpu.memory.write(data + Guarded.x, 1);
        cpu.memory.write(data + Guarded.y, 1);
        add(cpu, lock, 1);
        cpu.unpark(lock + count);
      }),
      rightRead,
    ],
    race,
  ),
  twin(
    'ends-silently',
    'Does not wake the readers that sleep while the number is odd.',
    [
      writer((cpu, lock, data) => {
        add(cpu, lock, 1);
        cpu.memory.store(data + Guarded.x, 1);
        cpu.memory.store(data + Guarded.y, 1);
        add(cpu, lock, 1);
      }),
      rightRead,
    ],
    { kind: 'lost-wakeup', message: /sequence/ },
    SLEEPS_AT_ONCE,
  ),
];
