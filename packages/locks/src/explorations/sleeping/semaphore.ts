/** The semaphore: units are neither lost nor made, whoever gives up, and interrupts give too. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import { Errno, FIRST_FREE_VECTOR } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import {
  down,
  downInterruptible,
  downTimeout,
  downTrylock,
  semaCount,
  semaInit,
  Semaphore,
  up,
} from '../../sleeping/semaphore.ts';
import { expectIncrements, Guarded, increment } from '../guarded.ts';
import { signals, sleepingState, takesSignals } from './sleeping.ts';
import type { SleepingState } from './sleeping.ts';

export const withUnits =
  (count: number) =>
  (world: World<Cpu>): SleepingState =>
    sleepingState(world, Semaphore, (cpu, at) => semaInit(cpu, at, count));

function expectUnits({ cpus }: World<Cpu>, { at }: SleepingState, count: number): void {
  const units = semaCount(cpus[0]!, at);
  if (units !== count) throw new Error(`${units} units are left of ${count}`);
}

function* downOnce({ cpu }: Program<Cpu>, { at, data }: SleepingState): Sleeps<void> {
  yield* down(cpu, at);
  increment(cpu, data);
  up(cpu, at);
}

const excludes = (cpus: number, preemptions: number): Exploration =>
  exploration<SleepingState, Cpu>({
    name: `semaphore-excludes-${cpus}`,
    title: `semaphore: with one unit, tasks of ${cpus} CPUs exclude each other (${preemptions} preemptions)`,
    description: 'Each increments a plain word; the unit is there in the end.',
    on: 'machine',
    cpus,
    limits: { preemptions },
    setup: withUnits(1),
    program: downOnce,
    after(world: World<Cpu>, state) {
      expectIncrements(world, state.data, cpus);
      expectUnits(world, state, 1);
    },
  });

type Down = (cpu: Cpu, at: Ptr) => Sleeps<number>;

/** Takes a unit or gives up. */
export const triesDown = (take: Down, failure: number) =>
  function* (p: Program<Cpu>, { at, who }: SleepingState): Sleeps<boolean> {
    takesSignals(p.cpu, who);
    const result = yield* take(p.cpu, at);
    p.see('taken', result === 0);
    if (result !== 0 && result !== failure)
      throw new Error(`${result} where ${failure} is the only failure`);
    return result === 0;
  };

/** Whoever has a unit at the end keeps it. */
export function noneLost(world: World<Cpu>, state: SleepingState): void {
  expectUnits(world, state, world.seen.taken === true ? 0 : 1);
}

export const gives = ({ cpu }: Program<Cpu>, { at }: SleepingState): void => up(cpu, at);

export const signalsAndGives = ({ cpu }: Program<Cpu>, { at, who }: SleepingState): void => {
  signals(cpu, who);
  up(cpu, at);
};

const either: readonly { readonly taken: boolean }[] = [{ taken: true }, { taken: false }];

export const semaphoreExplorations: readonly Exploration[] = [
  excludes(2, 2),
  excludes(3, 1),
  exploration<SleepingState, Cpu>({
    name: 'semaphore-two-units',
    title: 'semaphore: two units for three tasks (1 preemption)',
    description: 'Two at a time, never three, and the third gets one.',
    on: 'machine',
    cpus: 3,
    limits: { preemptions: 1 },
    setup: withUnits(2),
    *program({ cpu }: Program<Cpu>, { at, data }): Sleeps<void> {
      yield* down(cpu, at);
      if (cpu.memory.fetchAdd(data + Guarded.y, 1) > 1) throw new Error('three have two units');
      cpu.memory.fetchAdd(data + Guarded.y, -1);
      up(cpu, at);
    },
    after: (world: World<Cpu>, state) => expectUnits(world, state, 2),
  }),
  exploration<SleepingState, Cpu>({
    name: 'semaphore-up-in-an-interrupt',
    title: 'semaphore: up by an interrupt on the waiter’s own CPU',
    description: 'The interrupt may come before, while and after the task goes to sleep.',
    on: 'machine',
    setup(world: World<Cpu>) {
      const state = withUnits(0)(world);
      world.cpus[0]!.setVector(FIRST_FREE_VECTOR, (cpu) => up(cpu, state.at));
      return state;
    },
    programs: [
      function* ({ cpu }: Program<Cpu>, { at }): Sleeps<void> {
        cpu.raise(cpu.id, FIRST_FREE_VECTOR);
        yield* down(cpu, at);
      },
    ],
    after: (world: World<Cpu>, state) => expectUnits(world, state, 0),
  }),
  exploration<SleepingState, Cpu>({
    name: 'semaphore-signal',
    title: 'semaphore: a signal against the up (2 preemptions)',
    description: 'The task has the unit, or -EINTR and the unit is there.',
    on: 'machine',
    limits: { preemptions: 2 },
    setup: withUnits(0),
    programs: [signalsAndGives, triesDown(downInterruptible, Errno.EINTR)],
    after: noneLost,
    allowed: either,
  }),
  exploration<SleepingState, Cpu>({
    name: 'semaphore-signal-passes-unit',
    title: 'semaphore: a task that gives up leaves no other asleep (1 preemption)',
    description: 'Two wait, the first of them perhaps the one that the signal is for.',
    on: 'machine',
    limits: { preemptions: 1 },
    setup: withUnits(0),
    programs: [
      signalsAndGives,
      function* (p: Program<Cpu>, state): Sleeps<void> {
        const taken = yield* triesDown(downInterruptible, Errno.EINTR)(p, state);
        if (taken) up(p.cpu, state.at);
      },
      function* ({ cpu }: Program<Cpu>, { at }): Sleeps<void> {
        yield* down(cpu, at);
      },
    ],
    after: (world: World<Cpu>, state) => expectUnits(world, state, 0),
    allowed: either,
  }),
  exploration<SleepingState, Cpu>({
    name: 'semaphore-timeout',
    title: 'semaphore: up as time runs out (no preemption but that)',
    description: 'The task has the unit, or -ETIME and the unit is there.',
    on: 'machine',
    timeouts: true,
    limits: { preemptions: 0 },
    setup: withUnits(0),
    programs: [gives, triesDown((cpu, at) => downTimeout(cpu, at, 1000), Errno.ETIME)],
    after: noneLost,
    allowed: either,
  }),
  exploration<SleepingState, Cpu>({
    name: 'semaphore-trylock',
    title: 'semaphore: an attempt against up and down (2 preemptions)',
    description: 'An attempt that fails has changed nothing.',
    on: 'machine',
    limits: { preemptions: 2 },
    setup: withUnits(1),
    programs: [
      downOnce,
      (p: Program<Cpu>, { at, data }): void => {
        const taken = downTrylock(p.cpu, at);
        p.see('taken', taken);
        if (!taken) return;
        increment(p.cpu, data);
        up(p.cpu, at);
      },
    ],
    after(world: World<Cpu>, state) {
      expectIncrements(world, state.data, world.seen.taken === true ? 2 : 1);
      expectUnits(world, state, 1);
    },
    allowed: either,
  }),
];
