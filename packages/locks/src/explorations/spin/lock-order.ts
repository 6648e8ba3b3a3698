/** Two locks at a time: in one order always, or a circle of CPUs waits for ever. */
import { exploration } from '@percpu/experiment';
import type { Exploration, ExplorationLimits, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { mcs } from '../../spin/mcs-lock.ts';
import type { SpinLockType } from '../../spin/spin-lock-type.ts';
import { ticket } from '../../spin/ticket-lock.ts';
import { allocLock, expectIncrements, Guarded, increment } from '../guarded.ts';
import { PURE_SPINNING } from '../waiting.ts';

interface TwoLocks {
  readonly first: Ptr;
  readonly second: Ptr;
  readonly data: Ptr;
}

function nested(
  outer: SpinLockType,
  inner: SpinLockType,
  from: 'first' | 'second',
  until: 'first' | 'second',
) {
  return ({ cpu }: Program<Cpu>, locks: TwoLocks): void => {
    outer.lock(cpu, locks[from]);
    inner.lock(cpu, locks[until]);
    increment(cpu, locks.data);
    // Not the reverse order of taking: that is allowed.
    outer.unlock(cpu, locks[from]);
    inner.unlock(cpu, locks[until]);
  };
}

function setup(world: World<Cpu>, first: SpinLockType, second: SpinLockType): TwoLocks {
  return {
    first: allocLock(world, first),
    second: allocLock(world, second),
    data: world.alloc(Guarded.size),
  };
}

const oneOrder = (type: SpinLockType, limits: ExplorationLimits = {}): Exploration =>
  exploration<TwoLocks, Cpu>({
    name: `${type.name}-two-locks-in-one-order`,
    title: `${type.name}: two locks, taken in the same order and released in that order too`,
    description: 'Both CPUs take the first lock before the second.',
    on: 'cpu',
    cpus: 2,
    parameters: PURE_SPINNING.parameters,
    limits,
    setup: (world: World<Cpu>) => setup(world, type, type),
    program: nested(type, type, 'first', 'second'),
    after: (world: World<Cpu>, { data }) => expectIncrements(world, data, 2),
  });

export const lockOrderExplorations: readonly Exploration[] = [
  oneOrder(ticket),
  oneOrder(mcs, { preemptions: 3 }),
  exploration<TwoLocks, Cpu>({
    name: 'two-locks-in-two-orders',
    title: 'busted twin: two locks, taken in two orders',
    description: 'Each CPU may hold the lock that the other waits for.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup: (world: World<Cpu>) => setup(world, ticket, mcs),
    programs: [nested(ticket, mcs, 'first', 'second'), nested(mcs, ticket, 'second', 'first')],
    mustFind: { kind: 'deadlock' },
  }),
];
