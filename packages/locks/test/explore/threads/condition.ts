import type { Exploration } from '@percpu/experiment';
import { Condition, Mutex } from '../../../src/threads/index.ts';
import type { Place } from '../../../src/threads/index.ts';
import { NO_SPINS, onWords, SOME_TIME, word } from './common.ts';
import type { P, Word } from './common.ts';

export interface ConditionLike {
  wait(mutex: Mutex, timeoutMs?: number): boolean;
  notifyOne(): void;
  notifyAll(): void;
}

export interface Shared {
  readonly mutexes: readonly Mutex[];
  readonly conditions: readonly ConditionLike[];
  /** Plain, guarded by the mutex: things that there are to take. */
  readonly things: Word;
}

const ours = (place: Place): ConditionLike => new Condition(place, NO_SPINS);

export const setup =
  (cpus: number, make: (place: Place) => ConditionLike = ours) =>
  (): Shared => {
    const mutex = new Mutex().place;
    const condition = new Condition().place;
    const ends = Array.from({ length: cpus }, (_, id) => id);
    return {
      mutexes: ends.map(() => new Mutex(mutex, NO_SPINS)),
      conditions: ends.map(() => make(condition)),
      things: word(),
    };
  };

export function take({ mutexes, conditions, things }: Shared, id: number): void {
  mutexes[id]!.lock();
  while (things[0] === 0) conditions[id]!.wait(mutexes[id]!);
  things[0]!--;
  mutexes[id]!.unlock();
}

export function put({ mutexes, conditions, things }: Shared, id: number, count: number): void {
  mutexes[id]!.lock();
  things[0]! += count;
  mutexes[id]!.unlock();
  if (count === 1) conditions[id]!.notifyOne();
  else conditions[id]!.notifyAll();
}

function expectNone({ things }: Shared): void {
  if (things[0] !== 0) throw new Error(`${things[0]} things are left`);
}

export const conditions: readonly Exploration[] = [
  onWords<Shared>({
    name: 'threads-condition-wakes-its-waiter',
    description: 'One takes what the other puts, whoever comes first.',
    setup: setup(2),
    programs: [
      (_p: P, shared: Shared): void => take(shared, 0),
      (_p: P, shared: Shared): void => put(shared, 1, 1),
    ],
    after: (_world, shared) => expectNone(shared),
  }),
  onWords<Shared>({
    name: 'threads-condition-wakes-all',
    description: 'Two take, one puts for both and wakes all.',
    setup: setup(3),
    programs: [
      (_p: P, shared: Shared): void => take(shared, 0),
      (_p: P, shared: Shared): void => take(shared, 1),
      (_p: P, shared: Shared): void => put(shared, 2, 2),
    ],
    after: (_world, shared) => expectNone(shared),
    limits: { preemptions: 2 },
  }),
  onWords<Shared>({
    name: 'threads-condition-times-out',
    description: 'A waiter that gives up holds the mutex again, and takes no call from another.',
    setup: setup(2),
    timeouts: true,
    programs: [
      (p: P, { mutexes, conditions: ends, things }: Shared): void => {
        mutexes[0]!.lock();
        p.see('called', things[0] !== 0 || ends[0]!.wait(mutexes[0]!, SOME_TIME));
        mutexes[0]!.unlock();
      },
      (_p: P, shared: Shared): void => put(shared, 1, 1),
    ],
    allowed: [{ called: true }, { called: false }],
  }),
];
