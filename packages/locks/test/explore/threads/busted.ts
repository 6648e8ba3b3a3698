/** Locks for threads that are wrong, each in one place. */
import type { Exploration } from '@percpu/experiment';
import type { Mutex } from '../../../src/threads/index.ts';
import type { Place } from '../../../src/threads/index.ts';
import { block } from '../../../src/threads/waiting.ts';
import type { Waiting } from '../../../src/threads/waiting.ts';
import { onWords, SOME_TIME } from './common.ts';
import type { P } from './common.ts';
import { put, setup as conditionSetup, take } from './condition.ts';
import type { ConditionLike, Shared as ConditionShared } from './condition.ts';
import { excludes } from './mutex.ts';
import type { MakeMutex, MutexLike } from './mutex.ts';

const STATE = 0;
const TOKENS = 1;

const wordsOf = ({ buffer }: Place): Int32Array => new Int32Array(buffer);

function mutexOf(words: Int32Array, lock: () => void, unlock: () => void): MutexLike {
  return {
    lock: () => (lock(), true),
    tryLock: () => Atomics.compareExchange(words, STATE, 0, 1) === 0,
    unlock,
  };
}

/** The three-state mutex of Drepper, "Futexes Are Tricky", with the mistake that the paper begins with: it forgets that others sleep. */
const forgetsSleepers: MakeMutex = (place) => {
  const words = wordsOf(place);
  return mutexOf(
    words,
    () => {
      if (Atomics.compareExchange(words, STATE, 0, 1) === 0) return;
      while (Atomics.exchange(words, STATE, 2) !== 0) Atomics.wait(words, STATE, 2);
      Atomics.store(words, STATE, 1);
    },
    () => {
      if (Atomics.exchange(words, STATE, 0) === 2) Atomics.notify(words, STATE, 1);
    },
  );
};

/** Calls before it lets go. */
const callsFirst: MakeMutex = (place) => {
  const words = wordsOf(place);
  return mutexOf(
    words,
    () => {
      while (Atomics.compareExchange(words, STATE, 0, 1) !== 0) Atomics.wait(words, STATE, 1);
    },
    () => {
      Atomics.notify(words, STATE, 1);
      Atomics.store(words, STATE, 0);
    },
  );
};

/** Hands the lock over, and leaves it looking free meanwhile. */
const handsOverInTheOpen: MakeMutex = (place) => {
  const words = wordsOf(place);
  return mutexOf(
    words,
    () => {
      if (Atomics.compareExchange(words, STATE, 0, 1) === 0) return;
      Atomics.add(words, STATE, 8);
      while (Atomics.compareExchange(words, TOKENS, 1, 0) !== 1) Atomics.wait(words, TOKENS, 0);
      Atomics.sub(words, STATE, 7);
    },
    () => {
      if (Atomics.sub(words, STATE, 1) < 8) return;
      Atomics.add(words, TOKENS, 1);
      Atomics.notify(words, TOKENS, 1);
    },
  );
};

/** A token between the look and the sleep is not seen: it sleeps while the count is not 0. */
const sleepsOnTheWrongValue: MakeMutex = (place) => {
  const words = wordsOf(place);
  return mutexOf(
    words,
    () => {
      for (;;) {
        const seen = Atomics.load(words, STATE);
        if (seen === 0 && Atomics.compareExchange(words, STATE, 0, 1) === 0) return;
        Atomics.wait(words, STATE, Atomics.load(words, STATE));
      }
    },
    () => {
      Atomics.store(words, STATE, 0);
      Atomics.notify(words, STATE, 1);
    },
  );
};

interface Permits {
  readonly words: Int32Array;
}
const permits = (): Permits => ({ words: new Int32Array(new SharedArrayBuffer(8)) });

/** Of a semaphore: gone when time is up, whatever is on its way. */
class LeavesItsToken implements Waiting {
  readonly at: number = TOKENS;
  readonly expected: number = 0;
  readonly words: Int32Array;
  #counted = false;

  constructor(words: Int32Array) {
    this.words = words;
  }

  attempt(): boolean {
    if (!this.#counted) {
      this.#counted = true;
      return Atomics.sub(this.words, STATE, 1) > 0;
    }
    return Atomics.compareExchange(this.words, TOKENS, 1, 0) === 1;
  }

  withdraw(): boolean {
    Atomics.add(this.words, STATE, 1);
    return true;
  }
}

function release({ words }: Permits): void {
  if (Atomics.add(words, STATE, 1) >= 0) return;
  Atomics.add(words, TOKENS, 1);
  Atomics.notify(words, TOKENS, 1);
}

/** Reads the number of calls after it has let the mutex go. */
const readsTheCallsTooLate = (place: Place): ConditionLike => {
  const words = wordsOf(place);
  const call = (count: number): void => {
    Atomics.add(words, 0, 1);
    Atomics.notify(words, 0, count);
  };
  return {
    wait(mutex: Mutex): boolean {
      mutex.unlock();
      Atomics.wait(words, 0, Atomics.load(words, 0));
      mutex.lock();
      return true;
    },
    notifyOne: () => call(1),
    notifyAll: () => call(Infinity),
  };
};

/** Counts itself when it has let the mutex go: a notifier in between finds nobody. */
const countsItselfTooLate = (place: Place): ConditionLike => {
  const words = wordsOf(place);
  const call = (count: number): void => {
    if (Atomics.load(words, 1) === 0) return;
    Atomics.add(words, 0, 1);
    Atomics.notify(words, 0, count);
  };
  return {
    wait(mutex: Mutex): boolean {
      const calls = Atomics.load(words, 0);
      mutex.unlock();
      Atomics.add(words, 1, 1);
      Atomics.wait(words, 0, calls);
      Atomics.sub(words, 1, 1);
      mutex.lock();
      return true;
    },
    notifyOne: () => call(1),
    notifyAll: () => call(Infinity),
  };
};

const lateCondition = (
  name: string,
  description: string,
  make: (place: Place) => ConditionLike,
): Exploration =>
  onWords<ConditionShared>({
    name,
    description,
    setup: conditionSetup(2, make),
    programs: [
      (_p: P, shared: ConditionShared): void => take(shared, 0),
      (_p: P, shared: ConditionShared): void => put(shared, 1, 1),
    ],
    mustFind: { kind: 'deadlock' },
  });

interface Rounds {
  readonly words: Int32Array;
}

export const busted: readonly Exploration[] = [
  excludes('threads-mutex-forgets-sleepers', {
    cpus: 3,
    turns: [1, 1, 1],
    make: forgetsSleepers,
    mustFind: { kind: 'lost-wakeup' },
  }),
  excludes('threads-mutex-calls-first', {
    cpus: 2,
    turns: [1, 1],
    make: callsFirst,
    mustFind: { kind: 'lost-wakeup' },
  }),
  excludes('threads-mutex-hands-over-in-the-open', {
    cpus: 2,
    turns: [2, 1],
    make: handsOverInTheOpen,
    mustFind: { kind: 'deadlock' },
  }),
  excludes('threads-mutex-sleeps-on-the-wrong-value', {
    cpus: 2,
    turns: [1, 1],
    make: sleepsOnTheWrongValue,
    mustFind: { kind: 'deadlock' },
  }),
  onWords<Permits>({
    name: 'threads-semaphore-leaves-its-token',
    description:
      'A waiter whose time is up goes, though a permit has been given to it: there is one too many.',
    setup: permits,
    timeouts: true,
    programs: [
      (p: P, { words }: Permits): void => {
        p.see('taken', block(new LeavesItsToken(words), SOME_TIME, 0));
      },
      (_p: P, shared: Permits): void => release(shared),
    ],
    after: ({ seen }, { words }) => {
      const left = Atomics.load(words, STATE) + Atomics.load(words, TOKENS);
      if (left !== Number(!(seen.taken as boolean))) throw new Error(`${left} permits are left`);
    },
    mustFind: { kind: 'assertion', message: /permits are left/ },
  }),
  lateCondition(
    'threads-condition-reads-the-calls-too-late',
    'A call between the unlock and the look is not seen.',
    readsTheCallsTooLate,
  ),
  lateCondition(
    'threads-condition-counts-itself-too-late',
    'A notifier between the unlock and the count finds nobody.',
    countsItselfTooLate,
  ),
  onWords<Rounds>({
    name: 'threads-barrier-lets-go-before-it-counts-anew',
    description:
      'The last to come lets the others go, then sets the count to 0: who is fast comes again in between.',
    setup: () => ({ words: new Int32Array(new SharedArrayBuffer(8)) }),
    cpus: 2,
    program: (_p: P, { words }: Rounds): void => {
      for (let round = 0; round < 2; round++) {
        const before = Atomics.load(words, 1);
        if (Atomics.add(words, 0, 1) === 1) {
          Atomics.add(words, 1, 1);
          Atomics.notify(words, 1);
          Atomics.store(words, 0, 0);
        } else while (Atomics.load(words, 1) === before) Atomics.wait(words, 1, before);
      }
    },
    mustFind: { kind: 'deadlock' },
  }),
];
