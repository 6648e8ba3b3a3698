/** The mutex, with tasks that spin while its owner runs; and their queue by itself. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import { schedule } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { mutexLock, mutexLockInterruptible, mutexUnlock } from '../../sleeping/mutex.ts';
import { osqIsLocked, OsqLock, osqLock, osqUnlock } from '../../sleeping/osq-lock.ts';
import { waitEvent } from '../../sleeping/wait-event.ts';
import { initWaitQueue, WaitQueue, wakeUp } from '../../sleeping/wait-queue.ts';
import { expectIncrements, Guarded, increment } from '../guarded.ts';
import { PURE_SPINNING, SLEEPS_AFTER_ONE_TURN } from '../waiting.ts';
import { allTaken, signalsAsHolder, tries } from './mutex-signal.ts';
import { expectUnlocked, lockInTwoTasks, lockOnce, lockTwice, setup } from './mutex.ts';
import { sleepingState } from './sleeping.ts';
import type { SleepingState } from './sleeping.ts';

type Code = (p: Program<Cpu>, state: SleepingState) => void | Sleeps<void>;

const spins = (
  name: string,
  title: string,
  description: string,
  programs: readonly Code[],
  increments: number,
  preemptions: number | undefined,
  parameters: Readonly<Record<string, number | boolean>> = PURE_SPINNING.parameters,
): Exploration =>
  exploration<SleepingState, Cpu>({
    name,
    title,
    description,
    on: 'machine',
    parameters,
    ...(preemptions === undefined ? {} : { limits: { preemptions } }),
    setup,
    programs,
    after(world: World<Cpu>, state) {
      expectIncrements(world, state.data, increments);
      expectUnlocked(world, state);
    },
  });

interface Slept extends SleepingState {
  readonly queue: Ptr;
}

/** The spin queue, with a word in the place of `mayGoOn`. */
export interface Spinners {
  readonly osq: Ptr;
  readonly data: Ptr;
  /** 1: CPU 1 is to leave. */
  readonly leave: Ptr;
}

export function spinners(world: World<Cpu>): Spinners {
  const { at, data, who } = sleepingState(world, OsqLock, () => {});
  return { osq: at, data, leave: who };
}

const patient: { readonly mayGoOn: () => boolean } = { mayGoOn: () => true };

export type OsqUnlock = (cpu: Cpu, osq: Ptr) => void;

export const enter =
  (unlock: OsqUnlock = osqUnlock) =>
  ({ cpu }: Program<Cpu>, { osq, data, leave }: Spinners): void => {
    cpu.preemptDisable();
    osqLock(cpu, osq, patient);
    increment(cpu, data);
    cpu.memory.store(leave, 1);
    unlock(cpu, osq);
    cpu.preemptEnable();
  };

export const enterOrLeave =
  (lock: typeof osqLock = osqLock) =>
  (p: Program<Cpu>, { osq, data, leave }: Spinners): void => {
    const { cpu } = p;
    cpu.preemptDisable();
    const entered = lock(cpu, osq, { mayGoOn: () => cpu.memory.load(leave) === 0 });
    p.see('entered', entered);
    if (entered) {
      increment(cpu, data);
      osqUnlock(cpu, osq);
    }
    cpu.preemptEnable();
  };

export function expectLeft(world: World<Cpu>, { osq, data }: Spinners, others: number): void {
  expectIncrements(world, data, others + (world.seen.entered === true ? 1 : 0));
  if (osqIsLocked(world.cpus[0]!, osq)) throw new Error('somebody is in the queue, but nobody is');
}

export const mutexSpinExplorations: readonly Exploration[] = [
  spins(
    'mutex-spinners-2',
    'mutex: two tasks that spin for each other (all schedules)',
    'The owner runs all the while, so nobody sleeps.',
    [lockOnce, lockOnce],
    2,
    undefined,
  ),
  spins(
    'mutex-spinners-3',
    'mutex: three tasks that spin, one of them in the queue of spinners (2 preemptions)',
    'The head of the queue looks at the lock, the other at its own word.',
    [lockOnce, lockOnce, lockOnce],
    3,
    2,
  ),
  spins(
    'mutex-spinner-and-sleeper',
    'mutex: spinners that give up after a turn (3 preemptions)',
    'One takes the lock twice, so that the other sleeps, wakes in vain or is handed the lock, or takes it while it spins.',
    [lockTwice, lockOnce],
    3,
    3,
    SLEEPS_AFTER_ONE_TURN.parameters,
  ),
  spins(
    'mutex-spinner-with-company',
    'mutex: a task that spins while another of its CPU wants to run (2 preemptions)',
    'The spinner gives its CPU up: the other may be the one that holds the lock.',
    [lockInTwoTasks, lockOnce],
    3,
    2,
  ),
  exploration<Slept, Cpu>({
    name: 'mutex-owner-sleeps',
    title: 'mutex: the owner goes to sleep while a task spins for it (2 preemptions)',
    description:
      'The spinner makes true what the owner sleeps for only after it has given up itself, and so it must.',
    on: 'machine',
    parameters: PURE_SPINNING.parameters,
    limits: { preemptions: 2 },
    setup(world: World<Cpu>) {
      const queue = world.alloc(WaitQueue.size);
      initWaitQueue(world.cpus[0]!, queue);
      return { ...setup(world), queue };
    },
    programs: [
      function* ({ cpu }: Program<Cpu>, { at, data, queue }): Sleeps<void> {
        yield* mutexLock(cpu, at);
        yield* waitEvent(cpu, queue, () => cpu.memory.load(data + Guarded.y) !== 0);
        mutexUnlock(cpu, at);
      },
      function* (p: Program<Cpu>, state): Sleeps<void> {
        const { cpu } = p;
        cpu.scheduler.start(
          'waker',
          (function* (): Sleeps<void> {
            yield* schedule(cpu);
            cpu.memory.store(state.data + Guarded.y, 1);
            wakeUp(cpu, state.queue);
          })(),
          () => {},
        );
        yield* lockOnce(p, state);
      },
    ],
    after: expectUnlocked,
  }),
  exploration<SleepingState, Cpu>({
    name: 'mutex-spinner-signalled',
    title: 'mutex: a signal for a task that spins (2 preemptions)',
    description: 'The spin does not end by it; the sleep after it does.',
    on: 'machine',
    parameters: SLEEPS_AFTER_ONE_TURN.parameters,
    limits: { preemptions: 2 },
    setup,
    programs: [signalsAsHolder, tries(mutexLockInterruptible)],
    after: allTaken(1),
    allowed: [{ taken: true }, { taken: false }],
  }),
  exploration<Spinners, Cpu>({
    name: 'osq-leaves',
    title: 'spin queue: one of two leaves while the head is passed on (all schedules)',
    description: 'It is at the head, or not in the queue. Never both, never neither.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup: spinners,
    programs: [enter(), enterOrLeave()],
    after: (world: World<Cpu>, state) => expectLeft(world, state, 1),
    allowed: [{ entered: true }, { entered: false }],
  }),
  exploration<Spinners, Cpu>({
    name: 'osq-leaves-from-the-middle',
    title: 'spin queue: one of three leaves, with one in front and one behind (2 preemptions)',
    description: 'The one behind comes to the head all the same.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    limits: { preemptions: 2 },
    setup: spinners,
    programs: [enter(), enterOrLeave(), enter()],
    after: (world: World<Cpu>, state) => expectLeft(world, state, 2),
    allowed: [{ entered: true }, { entered: false }],
  }),
];
