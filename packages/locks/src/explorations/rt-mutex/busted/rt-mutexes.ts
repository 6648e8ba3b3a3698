/** rt-mutexes with one step of the slow path left out or done wrong, in the stories that the right one goes through. */
import { exploration } from '@percpu/experiment';
import type { Exploration, ExplorationDefinition, MustFind, Outcome } from '@percpu/experiment';
import {
  currentTask,
  DEFAULT_PRIO,
  putTaskStruct,
  rtMutexSetprio,
  TaskState,
} from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { RtMutex } from '../../../sleeping/rt-mutex/layout.ts';
import { lockSlow, RT_MUTEX_STEPS, unlockSlow } from '../../../sleeping/rt-mutex/slow-path.ts';
import type { RtMutexSteps } from '../../../sleeping/rt-mutex/slow-path.ts';
import { enqueue } from '../../../sleeping/rt-mutex/waiter.ts';
import { PURE_SPINNING } from '../../waiting.ts';
import { bestFirst, chain, crosswise, excludes, givesUp, twoLenders } from '../stories.ts';
import type { Story, TimedLock } from '../stories.ts';
import { setup } from '../support.ts';
import type { RtLock, RtState } from '../support.ts';

/** The right one, but for `wrong`. */
function but(
  wrong: Partial<RtMutexSteps>,
): RtLock & { readonly lock: TimedLock; readonly timed: TimedLock } {
  const steps = { ...RT_MUTEX_STEPS, ...wrong };
  const lock = (cpu: Cpu, at: Ptr, deadline = Infinity): Sleeps<number> =>
    lockSlow(cpu, at, { state: TaskState.uninterruptible, deadline }, steps);
  return {
    lock,
    timed: (cpu, at) => lock(cpu, at, cpu.now() + 1000),
    unlock(cpu, at): void {
      const me = currentTask(cpu);
      const seen = cpu.memory.compareExchange(at + RtMutex.owner, me, 0);
      if (seen !== me) unlockSlow(cpu, at, me, seen, steps);
    },
  };
}

function twin(
  name: string,
  wrong: string,
  { programs, after }: Story,
  mustFind: MustFind,
  more: Pick<ExplorationDefinition, 'allowed' | 'timeouts'> = {},
): Exploration {
  return exploration<RtState, Cpu>({
    name: `rt-mutex-${name}`,
    title: `busted twin: rt-mutex-${name}`,
    description: wrong,
    on: 'machine',
    interrupts: false,
    ...more,
    parameters: PURE_SPINNING.parameters,
    limits: { preemptions: 1 },
    setup,
    programs,
    after,
    mustFind,
  });
}

const nothing = (): void => {};
const wrongPrio: MustFind = { kind: 'oops', message: /has priority \d+, and not/ };
/** The owner waits for a priority that does not come. */
const waitsForEver: MustFind = { kind: 'deadlock', message: /prio is/ };
const asleep: MustFind = { kind: 'deadlock' };
const wrongOrder: MustFind = { kind: 'outcome' };

const inOrder: readonly Outcome[] = [{ cpu2: 1, cpu1: 2, cpu0: 3 }];

/** Finds nobody waiting, then lets go: somebody may have come in between. */
const unlocksBlindly: RtLock = {
  lock: but({}).lock,
  unlock(cpu, at): void {
    const me = currentTask(cpu);
    const seen = cpu.memory.load(at + RtMutex.owner);
    if (seen === me) cpu.memory.store(at + RtMutex.owner, 0);
    else unlockSlow(cpu, at, me, seen);
  },
};

const all = (cpu: Cpu, owner: Ptr): void => rtMutexSetprio(cpu, owner, DEFAULT_PRIO);
const notRestored = but({ restore: nothing });
const restoresAll = but({ restore: all });
const doesNotWalk = but({ walk: (cpu, owner) => (putTaskStruct(cpu, owner), 0) });
const firstCome = but({
  enqueue: (memory, waiters, waiter) => enqueue(memory, waiters, waiter, DEFAULT_PRIO),
});

export const bustedRtMutexes: readonly Exploration[] = [
  twin(
    'does-not-lend',
    'A waiter keeps its priority to itself.',
    chain(but({ lend: nothing })),
    waitsForEver,
  ),
  twin(
    'does-not-propagate',
    'The owner gets the priority, but not the owner of what that one waits for.',
    chain(doesNotWalk),
    waitsForEver,
  ),
  twin(
    'does-not-restore',
    'A waiter that gives up leaves its priority behind.',
    givesUp(notRestored, notRestored.timed, undefined),
    wrongPrio,
    { timeouts: true },
  ),
  twin(
    'restores-too-much',
    'A waiter that gives up takes along what another one lent.',
    givesUp(restoresAll, restoresAll.timed, 10),
    waitsForEver,
    { timeouts: true },
  ),
  twin(
    'does-not-give-back',
    'The owner goes on with the priority of the waiter that it let in.',
    excludes(but({ giveBack: nothing }), [0, 10]),
    wrongPrio,
  ),
  twin(
    'gives-back-too-much',
    'With one of two locks the owner gives back what the waiter for the other one lent.',
    twoLenders(but({ giveBack: all })),
    wrongPrio,
  ),
  twin('first-come', 'Waiters in order of arrival.', bestFirst(firstCome), wrongOrder, {
    allowed: inOrder,
  }),
  twin(
    'is-overtaken',
    'Whoever finds the lock free takes it, however good the waiter is that has just been woken.',
    bestFirst(but({ overtakes: () => true })),
    wrongOrder,
    { allowed: inOrder },
  ),
  twin(
    'does-not-look-for-a-circle',
    'Waits without looking whom the owner waits for.',
    crosswise(doesNotWalk, doesNotWalk.lock),
    asleep,
  ),
  twin(
    'unlocks-blindly',
    'Finds nobody waiting, then lets go with a store: whoever came in between is not woken.',
    excludes(unlocksBlindly, [0, 0]),
    asleep,
  ),
];
