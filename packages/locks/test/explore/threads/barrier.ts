import type { Exploration } from '@percpu/experiment';
import { Barrier } from '../../../src/threads/index.ts';
import { NO_SPINS, onWords, SOME_TIME } from './common.ts';
import type { P } from './common.ts';

interface Shared {
  readonly ends: readonly Barrier[];
  /** Written before, read after, plainly: a word for each thread. */
  readonly words: Int32Array;
}

const setup = (threads: number) => (): Shared => {
  const { place } = new Barrier(threads);
  return {
    ends: Array.from({ length: threads }, () => new Barrier(place, undefined, NO_SPINS)),
    words: new Int32Array(new SharedArrayBuffer(4 * threads)),
  };
};

export const barriers: readonly Exploration[] = [
  onWords<Shared>({
    name: 'threads-barrier-publishes',
    description:
      'What each wrote before it came is seen by all who pass, and one of them is told that it was the last.',
    setup: setup(3),
    cpus: 3,
    program: (p: P, { ends, words }: Shared): void => {
      words[p.id] = 1;
      p.see(`cpu${p.id}`, ends[p.id]!.wait());
      if (words[0]! + words[1]! + words[2]! !== 3) throw new Error('passed before all had come');
    },
    after: ({ seen }) => {
      const last = Object.values(seen).filter((how) => how === 'last').length;
      if (last !== 1) throw new Error(`${last} were the last`);
    },
  }),
  onWords<Shared>({
    name: 'threads-barrier-again',
    description: 'The second round begins while sleepers of the first are not yet awake.',
    setup: setup(2),
    cpus: 2,
    program: (p: P, { ends, words }: Shared): void => {
      const other = 1 - p.id;
      for (let round = 1; round <= 2; round++) {
        words[p.id] = round;
        ends[p.id]!.wait();
        if (words[other] !== round) throw new Error('the other is not in this round');
        ends[p.id]!.wait();
      }
    },
    limits: { preemptions: 3 },
  }),
  onWords<Shared>({
    name: 'threads-barrier-times-out',
    description: 'Who gives up counts as not having come: both pass, or neither.',
    setup: setup(2),
    timeouts: true,
    cpus: 2,
    program: (p: P, { ends }: Shared): void => {
      p.see(`cpu${p.id}`, ends[p.id]!.wait(SOME_TIME));
    },
    allowed: [
      { cpu0: 'last', cpu1: 'passed' },
      { cpu0: 'passed', cpu1: 'last' },
      { cpu0: 'timed-out', cpu1: 'timed-out' },
    ],
  }),
];
