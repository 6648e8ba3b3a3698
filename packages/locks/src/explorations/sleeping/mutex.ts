/** The mutex: tasks that sleep for a lock, on their own CPU and on others. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import {
  Mutex,
  mutexInit,
  mutexIsLocked,
  mutexLock,
  mutexTrylock,
  mutexUnlock,
} from '../../sleeping/mutex.ts';
import { expectIncrements, Guarded, increment } from '../guarded.ts';
import { sleepingState } from './sleeping.ts';
import type { SleepingState } from './sleeping.ts';

export const setup = (world: World<Cpu>): SleepingState => sleepingState(world, Mutex, mutexInit);

export function* lockOnce({ cpu }: Program<Cpu>, { at, data }: SleepingState): Sleeps<void> {
  yield* mutexLock(cpu, at);
  increment(cpu, data);
  mutexUnlock(cpu, at);
}

export function expectUnlocked({ cpus }: World<Cpu>, { at }: SleepingState): void {
  if (mutexIsLocked(cpus[0]!, at)) throw new Error('the mutex is held, but by nobody');
}

const excludes = (cpus: number, preemptions: number): Exploration =>
  exploration<SleepingState, Cpu>({
    name: `mutex-excludes-${cpus}`,
    title: `mutex: tasks of ${cpus} CPUs exclude each other (${preemptions} preemptions)`,
    description:
      'Each task increments a plain word under the mutex. Two inside are a race, a sleeper that nobody wakes is a lost wake-up.',
    on: 'machine',
    cpus,
    limits: { preemptions },
    setup,
    program: lockOnce,
    after(world: World<Cpu>, state) {
      expectIncrements(world, state.data, cpus);
      expectUnlocked(world, state);
    },
  });

export const lockTwice = function* (p: Program<Cpu>, state: SleepingState): Sleeps<void> {
  yield* lockOnce(p, state);
  yield* lockOnce(p, state);
};

/** A second task on the CPU of the first; the run goes on until it has ended, too. */
export const lockInTwoTasks = function* (p: Program<Cpu>, state: SleepingState): Sleeps<void> {
  p.cpu.scheduler.start('second', lockOnce(p, state), () => {});
  yield* lockOnce(p, state);
};

/** Mistakes of callers, found in every schedule. */
const misused = (
  name: string,
  title: string,
  does: (cpu: Cpu, at: Ptr) => Sleeps<void>,
  message: RegExp,
): Exploration =>
  exploration<SleepingState, Cpu>({
    name,
    title: `busted twin: ${title}`,
    description: 'A task misuses the mutex while another takes it.',
    on: 'machine',
    setup,
    programs: [({ cpu }: Program<Cpu>, { at }) => does(cpu, at), lockOnce],
    mustFind: { kind: 'oops', message },
  });

export const mutexExplorations: readonly Exploration[] = [
  excludes(2, 3),
  excludes(3, 2),
  exploration<SleepingState, Cpu>({
    name: 'mutex-overtaken',
    title: 'mutex: a waiter that is overtaken gets it at the next unlock (3 preemptions)',
    description:
      'One task takes it twice, so that it may take it again before the waiter that it woke: the waiter asks for the hand-off.',
    on: 'machine',
    limits: { preemptions: 3 },
    setup,
    programs: [lockTwice, lockOnce],
    after(world: World<Cpu>, state) {
      expectIncrements(world, state.data, 3);
      expectUnlocked(world, state);
    },
  }),
  exploration<SleepingState, Cpu>({
    name: 'mutex-two-tasks-of-a-cpu',
    title: 'mutex: two tasks of one CPU and one of another (2 preemptions)',
    description: 'A waiter may be woken by a task of its own CPU.',
    on: 'machine',
    limits: { preemptions: 2 },
    setup,
    programs: [lockInTwoTasks, lockOnce],
    after(world: World<Cpu>, state) {
      expectIncrements(world, state.data, 3);
      expectUnlocked(world, state);
    },
  }),
  misused(
    'mutex-unlocked-by-another',
    'a mutex, unlocked by a task that does not hold it',
    function* (cpu, at) {
      mutexUnlock(cpu, at);
    },
    /BUG: mutex (already unlocked|wrong owner)/,
  ),
  misused(
    'mutex-locked-twice',
    'a mutex, locked twice by one task',
    function* (cpu, at) {
      yield* mutexLock(cpu, at);
      yield* mutexLock(cpu, at);
    },
    /mutex recursion/,
  ),
  exploration<SleepingState, Cpu>({
    name: 'mutex-trylock',
    title: 'mutex: trylock against lock (3 preemptions)',
    description: 'An attempt that fails has changed nothing, one that succeeds excludes.',
    on: 'machine',
    limits: { preemptions: 3 },
    setup,
    programs: [
      lockOnce,
      (p: Program<Cpu>, { at, data }): void => {
        const taken = mutexTrylock(p.cpu, at);
        p.see('taken', taken);
        if (!taken) return;
        increment(p.cpu, data);
        mutexUnlock(p.cpu, at);
      },
    ],
    after(world: World<Cpu>, state) {
      expectIncrements(world, state.data, 1 + Number(world.seen.taken));
      expectUnlocked(world, state);
    },
    allowed: [{ taken: false }, { taken: true }],
  }),
  exploration<SleepingState, Cpu>({
    name: 'mutex-hand-over',
    title: 'mutex: hand-over publishes the data (3 preemptions)',
    description:
      'One task writes two plain words under the mutex, another reads them: both or neither are new.',
    on: 'machine',
    limits: { preemptions: 3 },
    setup,
    programs: [
      function* ({ cpu }: Program<Cpu>, { at, data }): Sleeps<void> {
        yield* mutexLock(cpu, at);
        cpu.memory.write(data + Guarded.x, 1);
        cpu.memory.write(data + Guarded.y, 1);
        mutexUnlock(cpu, at);
      },
      function* (p: Program<Cpu>, { at, data }): Sleeps<void> {
        yield* mutexLock(p.cpu, at);
        p.see('x', p.cpu.memory.read(data + Guarded.x));
        p.see('y', p.cpu.memory.read(data + Guarded.y));
        mutexUnlock(p.cpu, at);
      },
    ],
    allowed: [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  }),
];
