/**
 * What is peculiar to the queued locks: CPUs that share cores, two NUMA nodes, and a queue from the first waiter on, which
 * otherwise takes four CPUs: the lock is made as if a holder and a pending waiter were there, and CPU 0 plays both.
 */
import { exploration } from '@percpu/experiment';
import type { Exploration, ExplorationLimits, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { clh } from '../../spin/clh-lock.ts';
import { cna, cnaSteps } from '../../spin/cna-lock.ts';
import { mcs } from '../../spin/mcs-lock.ts';
import { LOCKED, PENDING, QueuedLock, TAIL_SHIFT } from '../../spin/queued-layout.ts';
import { queued, QUEUED_STEPS, queuedType } from '../../spin/queued-lock.ts';
import type { QueuedSteps } from '../../spin/queued-lock.ts';
import type { SpinLockType } from '../../spin/spin-lock-type.ts';
import { ticket } from '../../spin/ticket-lock.ts';
import { FifoArena, validateFifo } from '../../validate/fifo-validator.ts';
import { allocLock, expectFree, expectIncrements, lockAndData } from '../guarded.ts';
import type { LockAndData } from '../guarded.ts';
import { PURE_SPINNING, SLEEPS_AT_ONCE } from '../waiting.ts';
import type { WaitingStyle } from '../waiting.ts';
import { mutualExclusion, ofTwin, takeOnce } from './spin-locks.ts';
import type { Busted } from './spin-locks.ts';

/** CPUs share cores. */
const SHARED_SPINNING: WaitingStyle = Object.freeze({
  name: 'shared-spinning',
  title: 'CPUs share cores, waiters spin',
  parameters: { ...PURE_SPINNING.parameters, 'spin.pv': true },
});

export const SHARED_SLEEPING: WaitingStyle = Object.freeze({
  name: 'shared-sleeping',
  title: 'CPUs share cores, waiters sleep at once',
  parameters: { ...SLEEPS_AT_ONCE.parameters, 'spin.pv': true },
});

/** CPUs with even numbers are on node 0, the others on node 1. */
export const TWO_NODES: WaitingStyle = Object.freeze({
  name: 'two-nodes',
  title: 'on two NUMA nodes',
  parameters: { ...PURE_SPINNING.parameters, 'numa.nodes': 2 },
});

const TWO_NODES_SLEEPING: WaitingStyle = Object.freeze({
  name: 'two-nodes-sleeping',
  title: 'on two NUMA nodes, waiters sleep at once',
  parameters: { ...SLEEPS_AT_ONCE.parameters, 'numa.nodes': 2 },
});

interface Queue {
  /** That queue; CPU 0 comes on top of them. */
  readonly waiters: number;
  readonly waiting: WaitingStyle;
  readonly rounds?: number;
  /** Default true. Without: the first that comes is the pending one. */
  readonly pending?: boolean;
  readonly limits?: ExplorationLimits;
  readonly busted?: Busted;
}

/** All CPUs but the first queue, whenever they come. CPU 0 releases what it played once. */
export function queueing(
  type: SpinLockType,
  { waiters, waiting, rounds = 1, pending = true, limits = {}, busted }: Queue,
): Exploration {
  const bounded = limits.preemptions === undefined ? '' : ` (${limits.preemptions} preemptions)`;
  const often = rounds === 1 ? '' : `-${rounds}-times`;
  return exploration<LockAndData, Cpu>({
    name: `${type.name}-${pending ? 'queues' : 'fills'}-${waiters}${often}-${waiting.name}`,
    title: `${type.name}: a queue of ${waiters}, ${waiting.title}${bounded}`,
    description:
      'The lock is held and has a pending waiter, so whoever comes queues. Both let go at any moment; then the queue is served.',
    ...ofTwin(type, busted),
    on: 'cpu',
    parameters: waiting.parameters,
    limits,
    setup(world: World<Cpu>) {
      const state = lockAndData(world, type);
      const word = pending ? LOCKED | PENDING : LOCKED;
      world.cpus[0]!.memory.store(state.lock + QueuedLock.value, word);
      return state;
    },
    programs: [
      ({ cpu }: Program<Cpu>, { lock }: LockAndData): void => {
        if (!pending) cpu.memory.store8(lock + QueuedLock.value, 0);
        else cpu.memory.store16(lock + QueuedLock.value, 0);
        cpu.unpark(lock + QueuedLock.value);
      },
      ...Array.from(
        { length: waiters },
        () =>
          ({ cpu }: Program<Cpu>, { lock, data }: LockAndData): void => {
            for (let round = 0; round < rounds; round++) takeOnce(type, cpu, lock, data);
          },
      ),
    ],
    after(world: World<Cpu>, { lock, data }) {
      expectIncrements(world, data, waiters * rounds);
      expectFree(world, type, lock);
    },
  });
}

/** The pending waiter takes the lock from the holder and releases it, at once. */
export function letGo(cpu: Cpu, lock: Ptr): void {
  cpu.memory.store16(lock + QueuedLock.value, 0);
  cpu.unpark(lock + QueuedLock.value);
}

/** A CPU that looked when nobody was pending sets the mark when there is a queue, takes it back, and queues. */
export function lateMark(steps: QueuedSteps, busted?: Busted): Exploration {
  const type = queuedType(busted === undefined ? 'queued' : 'queued-drops-pending-silently', steps);
  return exploration<LockAndData, Cpu>({
    name: `${type.name}-late-mark`,
    title: `${type.name}: the mark of the pending waiter, set too late`,
    description: 'The first of the queue may take the mark for that of a waiter before it.',
    ...ofTwin(type, busted),
    on: 'cpu',
    parameters: SLEEPS_AT_ONCE.parameters,
    limits: { preemptions: 2 },
    setup(world: World<Cpu>) {
      const state = lockAndData(world, type);
      world.cpus[0]!.memory.store(state.lock + QueuedLock.value, LOCKED | PENDING);
      return state;
    },
    programs: [
      ({ cpu }: Program<Cpu>, { lock }): void => letGo(cpu, lock),
      ({ cpu }: Program<Cpu>, { lock, data }): void => takeOnce(type, cpu, lock, data),
      (p: Program<Cpu>, { lock, data }): void => {
        const seen = p.cpu.memory.fetchOr(lock + QueuedLock.value, PENDING);
        if ((seen & PENDING) === 0) steps.dropPending(p.cpu, lock);
        const late = (seen & PENDING) === 0 && seen >>> TAIL_SHIFT !== 0;
        // Otherwise the mark was another's, or came in time: that is explored elsewhere.
        if (late) takeOnce(type, p.cpu, lock, data);
        p.see('late', late);
      },
    ],
    allowed: [{ late: true }, { late: false }],
    after(world: World<Cpu>, { lock, data }) {
      expectIncrements(world, data, 1 + Number(world.seen.late));
      expectFree(world, type, lock);
    },
  });
}

/** Those who come one after the other get the lock in that order. */
function inOrder(type: SpinLockType, waiting: WaitingStyle): Exploration {
  return exploration<{ readonly lock: Ptr; readonly arena: Ptr }, Cpu>({
    name: `${type.name}-first-come-${waiting.name}`,
    title: `${type.name}: first come, first served, ${waiting.title} (1 preemption)`,
    description: 'CPU 0 holds the lock; the others queue up one after the other; then it lets go.',
    on: 'cpu',
    cpus: 3,
    parameters: waiting.parameters,
    limits: { preemptions: 1 },
    setup: (world: World<Cpu>) => ({
      lock: allocLock(world, type),
      arena: world.alloc(FifoArena.size),
    }),
    program(p: Program<Cpu>, { lock, arena }) {
      p.see(`cpu${p.id}`, validateFifo(p.cpu, { type, lock, arena, cpus: 3 }));
    },
    allowed: [{ cpu0: 0, cpu1: 1, cpu2: 2 }],
  });
}

/** Capacities shrink while exploring: after one hand-over within a node it is the other's turn. */
const cnaOneInRow: SpinLockType = queuedType('cna-1-in-row', cnaSteps(1));

export const queuedLockExplorations: readonly Exploration[] = [
  ...[ticket, mcs, clh, queued].flatMap((type) => [
    inOrder(type, PURE_SPINNING),
    inOrder(type, SLEEPS_AT_ONCE),
  ]),
  ...[SHARED_SPINNING, SHARED_SLEEPING].flatMap((waiting) => [
    mutualExclusion(queued, { cpus: 2, waiting }),
    mutualExclusion(queued, { cpus: 3, waiting, limits: { preemptions: 1 } }),
  ]),
  queueing(queued, { waiters: 2, waiting: PURE_SPINNING, limits: { preemptions: 2 } }),
  queueing(queued, { waiters: 2, waiting: SLEEPS_AT_ONCE, limits: { preemptions: 2 } }),
  queueing(queued, { waiters: 2, rounds: 2, waiting: PURE_SPINNING, limits: { preemptions: 1 } }),
  queueing(queued, { waiters: 3, waiting: PURE_SPINNING, limits: { preemptions: 1 } }),
  lateMark(QUEUED_STEPS),
  queueing(queued, {
    waiters: 3,
    pending: false,
    waiting: SLEEPS_AT_ONCE,
    limits: { preemptions: 0 },
  }),
  queueing(cna, { waiters: 3, waiting: TWO_NODES, limits: { preemptions: 1 } }),
  queueing(cna, { waiters: 3, waiting: TWO_NODES_SLEEPING, limits: { preemptions: 0 } }),
  queueing(cna, { waiters: 4, waiting: TWO_NODES, limits: { preemptions: 0 } }),
  queueing(cnaOneInRow, { waiters: 4, waiting: TWO_NODES, limits: { preemptions: 0 } }),
];
