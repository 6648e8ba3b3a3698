/** Completions: nobody who waits is forgotten, nobody passes too early, nobody passes on another's. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import {
  complete,
  completeAll,
  Completion,
  completionDone,
  initCompletion,
  tryWaitForCompletion,
  waitForCompletion,
  waitForCompletionTimeout,
} from '../../sleeping/completion.ts';
import { Guarded } from '../guarded.ts';
import { sleepingState } from './sleeping.ts';
import type { SleepingState } from './sleeping.ts';

const setup = (world: World<Cpu>): SleepingState =>
  sleepingState(world, Completion, initCompletion);

/** Publishes a plain word by it. */
function* waitAndRead(p: Program<Cpu>, { at, data }: SleepingState): Sleeps<void> {
  yield* waitForCompletion(p.cpu, at);
  p.see(`cpu${p.id}`, p.cpu.memory.read(data + Guarded.x));
}

export const completionExplorations: readonly Exploration[] = [
  exploration<SleepingState, Cpu>({
    name: 'completion-wakes-its-waiter',
    title: 'completion: complete lets one waiter pass, and publishes',
    description: 'What was written before complete() is there for the one that passes.',
    on: 'machine',
    limits: { preemptions: 3 },
    setup,
    programs: [
      ({ cpu }: Program<Cpu>, { at, data }): void => {
        cpu.memory.write(data + Guarded.x, 1);
        complete(cpu, at);
      },
      waitAndRead,
    ],
    allowed: [{ cpu1: 1 }],
    after(world: World<Cpu>, { at }) {
      if (completionDone(world.cpus[0]!, at)) throw new Error('it was passed, but is done still');
    },
  }),
  exploration<SleepingState, Cpu>({
    name: 'completion-in-an-interrupt',
    title: 'completion: completed by an interrupt on the waiter’s own CPU',
    description: 'The interrupt may come before, while and after the task goes to sleep.',
    on: 'machine',
    setup(world: World<Cpu>) {
      const state = setup(world);
      world.cpus[0]!.setVector(FIRST_FREE_VECTOR, (cpu) => complete(cpu, state.at));
      return state;
    },
    programs: [
      function* ({ cpu }: Program<Cpu>, { at }): Sleeps<void> {
        cpu.raise(cpu.id, FIRST_FREE_VECTOR);
        yield* waitForCompletion(cpu, at);
      },
    ],
  }),
  exploration<SleepingState, Cpu>({
    name: 'completion-complete-all',
    title: 'completion: completeAll lets all pass, now and later (1 preemption)',
    description: 'Two waiters, asleep already or still to come, pass both, and it stays done.',
    on: 'machine',
    limits: { preemptions: 1 },
    setup,
    programs: [
      ({ cpu }: Program<Cpu>, { at, data }): void => {
        cpu.memory.write(data + Guarded.x, 1);
        completeAll(cpu, at);
      },
      waitAndRead,
      waitAndRead,
    ],
    allowed: [{ cpu1: 1, cpu2: 1 }],
    after(world: World<Cpu>, { at }) {
      if (!completionDone(world.cpus[0]!, at)) throw new Error('completeAll does not last');
    },
  }),
  exploration<SleepingState, Cpu>({
    name: 'completion-counts',
    title: 'completion: two waiters, completed twice (1 preemption)',
    description: 'Each complete() lets one pass; none is lost when both come before anybody wakes.',
    on: 'machine',
    limits: { preemptions: 1 },
    setup,
    programs: [
      ({ cpu }: Program<Cpu>, { at, data }): void => {
        cpu.memory.write(data + Guarded.x, 1);
        complete(cpu, at);
        complete(cpu, at);
      },
      waitAndRead,
      waitAndRead,
    ],
    allowed: [{ cpu1: 1, cpu2: 1 }],
    after(world: World<Cpu>, { at }) {
      if (completionDone(world.cpus[0]!, at)) throw new Error('two passed, but one is left');
    },
  }),
  exploration<SleepingState, Cpu>({
    name: 'completion-timeout',
    title: 'completion: complete against a timeout (no preemption but that)',
    description:
      'Who times out has not passed: what complete() gave is there for the next, once and no more.',
    on: 'machine',
    timeouts: true,
    limits: { preemptions: 0 },
    setup,
    programs: [
      ({ cpu }: Program<Cpu>, { at }): void => complete(cpu, at),
      function* (p: Program<Cpu>, { at }): Sleeps<void> {
        p.see('passed', (yield* waitForCompletionTimeout(p.cpu, at, 1000)) > 0);
      },
    ],
    after(world: World<Cpu>, { at }) {
      world.see('left', tryWaitForCompletion(world.cpus[0]!, at));
    },
    allowed: [
      { passed: true, left: false },
      { passed: false, left: true },
    ],
  }),
  exploration<SleepingState, Cpu>({
    name: 'completion-try-wait',
    title: 'completion: an attempt passes or not, but never takes what it did not get',
    description: 'Completed once; of an attempt and a look afterwards exactly one passes.',
    on: 'cpu',
    setup,
    programs: [
      ({ cpu }: Program<Cpu>, { at }): void => complete(cpu, at),
      (p: Program<Cpu>, { at }): void => p.see('passed', tryWaitForCompletion(p.cpu, at)),
    ],
    after(world: World<Cpu>, { at }) {
      world.see('left', tryWaitForCompletion(world.cpus[0]!, at));
    },
    allowed: [
      { passed: true, left: false },
      { passed: false, left: true },
    ],
  }),
];
