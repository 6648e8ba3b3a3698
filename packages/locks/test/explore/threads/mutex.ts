import type { Exploration, MustFind } from '@percpu/experiment';
import { Mutex } from '../../../src/threads/index.ts';
import type { Place } from '../../../src/threads/index.ts';
import { expectCount, increment, NO_SPINS, onWords, SOME_TIME, word } from './common.ts';
import type { P, Word } from './common.ts';

/** What a mutex must do, and a twin may not. */
export interface MutexLike {
  lock(timeoutMs?: number): boolean;
  tryLock(): boolean;
  unlock(): void;
}
export type MakeMutex = (place: Place) => MutexLike;

interface Shared {
  readonly ends: readonly MutexLike[];
  readonly count: Word;
}

const setup = (cpus: number, make: MakeMutex) => (): Shared => {
  const { place } = new Mutex();
  return { ends: Array.from({ length: cpus }, () => make(place)), count: word() };
};

const ours = (place: Place): MutexLike => new Mutex(place, NO_SPINS);
/** Overtaken once, a waiter insists: the second mode is met with few accesses. */
const insisting: MakeMutex = (place) => new Mutex(place, { ...NO_SPINS, patience: 1 });

function once({ ends, count }: Shared, id: number): void {
  ends[id]!.lock();
  increment(count);
  ends[id]!.unlock();
}

interface Exclusion {
  readonly cpus: number;
  readonly turns: readonly number[];
  readonly make?: MakeMutex;
  readonly preemptions?: number;
  readonly mustFind?: MustFind;
}

export function excludes(
  name: string,
  { cpus, turns, make = ours, preemptions, mustFind }: Exclusion,
): Exploration {
  return onWords<Shared>({
    name,
    description:
      'Each thread counts under the mutex, so often as `turns` says: nobody is lost, nobody waits for ever.',
    setup: setup(cpus, make),
    cpus,
    programs: turns.map((rounds) => (p: P, shared: Shared): void => {
      for (let i = 0; i < rounds; i++) once(shared, p.id);
    }),
    after: (_world, { count }) =>
      expectCount(
        count,
        turns.reduce((sum, n) => sum + n, 0),
      ),
    ...(preemptions === undefined ? {} : { limits: { preemptions } }),
    mustFind,
  });
}

/** One waits for a while only. Whether it gets the mutex or not: it is not lost, and the others go on. */
function timesOut(name: string, make: MakeMutex = ours, preemptions?: number): Exploration {
  return onWords<Shared>({
    name,
    description: 'A waiter gives up at any moment. What was on its way to it reaches the next.',
    setup: setup(3, make),
    timeouts: true,
    programs: [
      (_p: P, shared: Shared): void => {
        once(shared, 0);
        once(shared, 0);
      },
      (p: P, { ends, count }: Shared): void => {
        const taken = ends[1]!.lock(SOME_TIME);
        p.see('taken', taken);
        if (!taken) return;
        increment(count);
        ends[1]!.unlock();
      },
      (_p: P, shared: Shared): void => once(shared, 2),
    ],
    after: ({ seen }, { count, ends }) => {
      expectCount(count, 3 + Number(seen.taken));
      // Free, in both modes: whoever comes gets it.
      if (!ends[0]!.tryLock()) throw new Error('it is not free at the end');
    },
    ...(preemptions === undefined ? {} : { limits: { preemptions } }),
  });
}

const tries: Exploration = onWords<Shared>({
  name: 'threads-mutex-try-lock',
  description: 'tryLock does not wait, excludes as lock does, and leaves no trace.',
  setup: setup(2, ours),
  programs: [
    (_p: P, shared: Shared): void => once(shared, 0),
    (p: P, { ends, count }: Shared): void => {
      const taken = ends[1]!.tryLock();
      p.see('taken', taken);
      if (!taken) return;
      increment(count);
      ends[1]!.unlock();
    },
  ],
  after: ({ seen }, { count }) => expectCount(count, 1 + Number(seen.taken)),
  allowed: [{ taken: false }, { taken: true }],
});

export const mutexes: readonly Exploration[] = [
  excludes('threads-mutex-two', { cpus: 2, turns: [1, 1] }),
  excludes('threads-mutex-two-turns', { cpus: 2, turns: [2, 1] }),
  excludes('threads-mutex-three', { cpus: 3, turns: [1, 1, 1], preemptions: 3 }),
  excludes('threads-mutex-insists', { cpus: 2, turns: [3, 1], make: insisting }),
  excludes('threads-mutex-two-insist', {
    cpus: 3,
    turns: [2, 1, 1],
    make: insisting,
    preemptions: 3,
  }),
  timesOut('threads-mutex-times-out', ours, 3),
  timesOut('threads-mutex-insisting-times-out', insisting, 3),
  tries,
];
