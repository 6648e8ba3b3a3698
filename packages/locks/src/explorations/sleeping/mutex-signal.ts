/** The mutex and signals: a task that gives up has neither the lock nor anybody's wake-up. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import { Errno } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import {
  mutexLock,
  mutexLockInterruptible,
  mutexLockKillable,
  mutexUnlock,
} from '../../sleeping/mutex.ts';
import { expectIncrements, increment } from '../guarded.ts';
import { expectUnlocked, lockOnce, lockTwice, setup } from './mutex.ts';
import { signals, takesSignals } from './sleeping.ts';
import type { SleepingState } from './sleeping.ts';

type Interruptible = (cpu: Cpu, at: Ptr) => Sleeps<number>;

/** Takes signals, and the lock if none comes first. */
export const tries = (lock: Interruptible) =>
  function* (p: Program<Cpu>, { at, data, who }: SleepingState): Sleeps<void> {
    const { cpu } = p;
    takesSignals(cpu, who);
    const result = yield* lock(cpu, at);
    p.see('taken', result === 0);
    if (result === 0) {
      increment(cpu, data);
      mutexUnlock(cpu, at);
    } else if (result !== Errno.EINTR) throw new Error(`${result} instead of -EINTR`);
  };

/** Holds the lock while it sends a signal, which therefore meets a task that waits, or has not yet come. */
export function* signalsAsHolder(p: Program<Cpu>, { at, data, who }: SleepingState): Sleeps<void> {
  yield* mutexLock(p.cpu, at);
  signals(p.cpu, who);
  increment(p.cpu, data);
  mutexUnlock(p.cpu, at);
}

const sends = ({ cpu }: Program<Cpu>, { who }: SleepingState): void => signals(cpu, who);

/** All others got it, and the one that takes signals if it says so. */
export const allTaken =
  (others: number) =>
  (world: World<Cpu>, state: SleepingState): void => {
    expectIncrements(world, state.data, others + (world.seen.taken === true ? 1 : 0));
    expectUnlocked(world, state);
  };

const either: readonly { readonly taken: boolean }[] = [{ taken: true }, { taken: false }];

export const mutexSignalExplorations: readonly Exploration[] = [
  exploration<SleepingState, Cpu>({
    name: 'mutex-signal',
    title: 'mutex: a signal against the unlock (2 preemptions)',
    description:
      'The holder signals a task that comes for the lock or waits for it already, then unlocks. The task has the lock or -EINTR.',
    on: 'machine',
    limits: { preemptions: 2 },
    setup,
    programs: [signalsAsHolder, tries(mutexLockInterruptible)],
    after: allTaken(1),
    allowed: either,
  }),
  exploration<SleepingState, Cpu>({
    name: 'mutex-signal-hand-over',
    title: 'mutex: a signal against the hand-off (1 preemption)',
    description:
      'One task takes the lock twice, so that the waiter may ask for the hand-off; the signal comes from a third CPU. A lock that was handed over is taken, signal or not.',
    on: 'machine',
    limits: { preemptions: 1 },
    setup,
    programs: [lockTwice, tries(mutexLockInterruptible), sends],
    after: allTaken(2),
    allowed: either,
  }),
  exploration<SleepingState, Cpu>({
    name: 'mutex-signal-passes-wake-up',
    title: 'mutex: a task that gives up leaves no other asleep (1 preemption)',
    description:
      'Two wait, the first of them perhaps the one that the signal is for. The other gets the lock, whatever the wake-up met.',
    on: 'machine',
    limits: { preemptions: 1 },
    setup,
    programs: [signalsAsHolder, tries(mutexLockInterruptible), lockOnce],
    after: allTaken(2),
    allowed: either,
  }),
  exploration<SleepingState, Cpu>({
    name: 'mutex-killable',
    title: 'mutex: a signal that is not fatal leaves a killable wait alone (2 preemptions)',
    description: 'SIGINT for a task in mutexLockKillable: it gets the lock.',
    on: 'machine',
    limits: { preemptions: 2 },
    setup,
    programs: [signalsAsHolder, tries(mutexLockKillable)],
    after: allTaken(1),
    allowed: [{ taken: true }],
  }),
];
