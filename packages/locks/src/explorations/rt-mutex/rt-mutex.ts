/** The rt-mutex: who gets it, and with whose priority its owner runs meanwhile. */
import { exploration } from '@percpu/experiment';
import type { Exploration, ExplorationDefinition, Program } from '@percpu/experiment';
import { Errno, sendSignal, Signal } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import {
  rtMutexLock,
  rtMutexLockInterruptible,
  rtMutexLockKillable,
  rtMutexTimedLock,
  rtMutexTrylock,
  rtMutexUnlock,
} from '../../sleeping/rt-mutex/index.ts';
import { PURE_SPINNING } from '../waiting.ts';
import { bestFirst, chain, crosswise, excludes, givesUp, twoLenders } from './stories.ts';
import { begin, enter, expectOver, expectPrio, rtMutex, setup } from './support.ts';
import type { RtState } from './support.ts';

type Told = Omit<ExplorationDefinition<RtState, Cpu>, 'on' | 'setup'>;

/** Interrupts are taken where a CPU looks: one tells that a priority was lent, and only `rt-mutex-lent-any-time` is about its moment. */
const rt = (told: Told): Exploration =>
  exploration<RtState, Cpu>({
    interrupts: false,
    parameters: PURE_SPINNING.parameters,
    ...told,
    on: 'machine',
    setup,
  });

const LIMIT = 1000;

export const rtMutexExplorations: readonly Exploration[] = [
  rt({
    name: 'rt-mutex-excludes-2',
    title: 'rt-mutex: two tasks exclude each other (2 preemptions)',
    description:
      'The better one lends the other its priority, as long as that holds the lock and no longer.',
    limits: { preemptions: 2 },
    ...excludes(rtMutex, [0, 10]),
  }),
  rt({
    name: 'rt-mutex-lent-any-time',
    title: 'rt-mutex: a priority is lent, wherever the owner is (1 preemption)',
    description:
      'As rt-mutex-excludes-2; the interrupt that tells the owner may come in front of any of its accesses.',
    interrupts: true,
    limits: { preemptions: 1 },
    ...excludes(rtMutex, [0, 10]),
  }),
  rt({
    name: 'rt-mutex-excludes-3',
    title: 'rt-mutex: three tasks of three priorities (1 preemption)',
    description:
      'A priority is given back while a new waiter comes: each has its own at the end, and nobody waits for ever.',
    limits: { preemptions: 1 },
    ...excludes(rtMutex, [0, 10, 20]),
  }),
  rt({
    name: 'rt-mutex-best-first',
    title:
      'rt-mutex: the best waiter first, then who came later but is better than the owner (no preemption)',
    description:
      'Two wait; the better one came last. The owner lets go and wants the lock again at once: it is the last to get it.',
    limits: { preemptions: 0 },
    ...bestFirst(rtMutex),
    allowed: [{ cpu2: 1, cpu1: 2, cpu0: 3 }],
  }),
  rt({
    name: 'rt-mutex-chain',
    title:
      'rt-mutex: a priority goes along a chain of three tasks and two locks, and back (no preemption)',
    description:
      'The owner at the end waits, awake, until it has the priority of the task at the beginning. Each has its own after its unlock.',
    limits: { preemptions: 0 },
    ...chain(rtMutex),
  }),
  rt({
    name: 'rt-mutex-two-lenders',
    title:
      'rt-mutex: one of two locks is given back, and with it what its waiter lent (no preemption)',
    description:
      'The waiter for the other lock is the better one: its priority stays until that is given back, too.',
    limits: { preemptions: 0 },
    ...twoLenders(rtMutex),
  }),
  rt({
    name: 'rt-mutex-time-is-up',
    title: 'rt-mutex: who gives up takes its priority along (1 preemption)',
    description:
      'The owner keeps the lock until the waiter has given up, and then has its own priority.',
    timeouts: true,
    limits: { preemptions: 1 },
    ...givesUp(rtMutex, (cpu, at) => rtMutexTimedLock(cpu, at, LIMIT), undefined),
    allowed: [{ result: Errno.ETIMEDOUT }],
  }),
  rt({
    name: 'rt-mutex-one-of-two-gives-up',
    title:
      'rt-mutex: the better of two waiters gives up, the other goes on lending (no preemption)',
    description: 'The owner then has the priority of the waiter that is left.',
    timeouts: true,
    limits: { preemptions: 0 },
    ...givesUp(rtMutex, (cpu, at) => rtMutexTimedLock(cpu, at, LIMIT), 10),
    allowed: [{ result: Errno.ETIMEDOUT }],
  }),
  rt({
    name: 'rt-mutex-timeout-against-grant',
    title: 'rt-mutex: the time is up while the lock is given (2 preemptions)',
    description:
      'Who gets the lock has it, who does not has left no trace; the owner has its own priority in either case.',
    timeouts: true,
    limits: { preemptions: 2 },
    programs: [
      function* (p: Program<Cpu>, state): Sleeps<void> {
        yield* rtMutexLock(p.cpu, state.one);
        enter(p, state);
        rtMutexUnlock(p.cpu, state.one);
        expectPrio(p, 0);
      },
      function* (p: Program<Cpu>, state): Sleeps<void> {
        begin(p, state, 20);
        const result = yield* rtMutexTimedLock(p.cpu, state.one, LIMIT);
        p.see('result', result);
        if (result !== 0) return;
        enter(p, state);
        rtMutexUnlock(p.cpu, state.one);
      },
    ],
    after: (world, state) => expectOver(world, state, world.seen.result === 0 ? 2 : 1),
    allowed: [{ result: 0 }, { result: Errno.ETIMEDOUT }],
  }),
  rt({
    name: 'rt-mutex-interrupted',
    title: 'rt-mutex: a signal ends the wait (1 preemption)',
    description: 'The owner keeps the lock until the waiter has given up because of its signal.',
    limits: { preemptions: 1 },
    programs: [
      function* (p: Program<Cpu>, state): Sleeps<void> {
        yield* rtMutexLock(p.cpu, state.one);
        p.memory.store(state.story + 16, 1);
        while (p.memory.load(state.story + 8) === 0) p.cpu.relax();
        sendSignal(p.cpu, p.memory.load(state.story + 8), Signal.SIGKILL);
        while (p.memory.load(state.story + 16) === 1) p.cpu.relax();
        expectPrio(p, 0);
        rtMutexUnlock(p.cpu, state.one);
      },
      function* (p: Program<Cpu>, state): Sleeps<void> {
        while (p.memory.load(state.story + 16) === 0) p.cpu.relax();
        begin(p, state, 20);
        p.see('result', yield* rtMutexLockKillable(p.cpu, state.one));
        p.memory.store(state.story + 16, 2);
      },
    ],
    after: (world, state) => expectOver(world, state, 0),
    allowed: [{ result: Errno.EINTR }],
  }),
  rt({
    name: 'rt-mutex-deadlock',
    title:
      'rt-mutex: two locks in opposite order, and whoever closes the circle is told (2 preemptions)',
    description:
      'Nobody waits for ever: -EDEADLK for one of the two at least (for both if they looked at the same time), or for none if they did not meet.',
    limits: { preemptions: 2 },
    ...crosswise(rtMutex, rtMutexLockInterruptible),
  }),
  rt({
    name: 'rt-mutex-trylock',
    title: 'rt-mutex: trylock against lock (3 preemptions)',
    description: 'An attempt that fails has changed nothing, one that succeeds excludes.',
    limits: { preemptions: 3 },
    programs: [
      function* (p: Program<Cpu>, state): Sleeps<void> {
        yield* rtMutexLock(p.cpu, state.one);
        enter(p, state);
        rtMutexUnlock(p.cpu, state.one);
      },
      (p: Program<Cpu>, state): void => {
        const taken = rtMutexTrylock(p.cpu, state.one);
        p.see('taken', taken);
        if (!taken) return;
        enter(p, state);
        rtMutexUnlock(p.cpu, state.one);
      },
    ],
    after: (world, state) => expectOver(world, state, world.seen.taken === true ? 2 : 1),
    allowed: [{ taken: false }, { taken: true }],
  }),
];
