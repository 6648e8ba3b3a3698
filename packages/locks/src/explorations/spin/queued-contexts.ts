/** A CPU has four nodes, because it may wait for four queued locks at a time, each in a context of its own. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR, NET_RX_SOFTIRQ, openSoftirq, raiseSoftirq } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { CONTEXTS, LOCKED, PENDING, QueuedLock, QueuedNode } from '../../spin/queued-layout.ts';
import { queued } from '../../spin/queued-lock.ts';
import type { SpinLockType } from '../../spin/spin-lock-type.ts';
import { expectFree, expectIncrements, increment, lockAndData } from '../guarded.ts';
import type { LockAndData } from '../guarded.ts';
import { lockView } from '../../lock-view.ts';
import { SLEEPS_AT_ONCE } from '../waiting.ts';
import { letGo } from './queued-locks.ts';

const SOFT = FIRST_FREE_VECTOR;
const HARD = FIRST_FREE_VECTOR + 1;

type Locks = readonly [task: LockAndData, softirq: LockAndData, hardirq: LockAndData];

function take(type: SpinLockType, cpu: Cpu, { lock, data }: LockAndData): void {
  type.lock(cpu, lock);
  increment(cpu, data);
  type.unlock(cpu, lock);
}

/** A task, a soft irq and a hard irq of CPU 0 queue for a lock each; CPU 1 lets go of all. */
function nested(type: SpinLockType, preemptions: number): Exploration {
  return exploration<Locks, Cpu>({
    name: `${type.name}-waits-in-three-contexts`,
    title: `${type.name}: task, soft irq and hard irq of a CPU queue, each for another lock (${preemptions} preemptions)`,
    description:
      'The interrupts come between any two accesses of whoever waits, and take a node of their own. The locks are let go in the order in which the task could not have them.',
    on: 'machine',
    parameters: SLEEPS_AT_ONCE.parameters,
    limits: { preemptions },
    setup(world: World<Cpu>): Locks {
      const locks: Locks = [
        lockAndData(world, type),
        lockAndData(world, type),
        lockAndData(world, type),
      ];
      const { memory } = world.cpus[0]!;
      for (const { lock } of locks) memory.store(lock + QueuedLock.value, LOCKED | PENDING);
      for (const cpu of world.cpus) {
        openSoftirq(cpu, NET_RX_SOFTIRQ, (on: Cpu) => take(type, on, locks[1]));
        cpu.setVector(SOFT, (on: Cpu) => raiseSoftirq(on, NET_RX_SOFTIRQ));
        cpu.setVector(HARD, (on: Cpu) => take(type, on, locks[2]));
      }
      return locks;
    },
    programs: [
      ({ cpu }: Program<Cpu>, locks: Locks): void => {
        cpu.raise(0, SOFT);
        take(type, cpu, locks[0]);
      },
      ({ cpu }: Program<Cpu>, locks: Locks): void => {
        cpu.raise(0, HARD);
        for (const { lock } of locks) letGo(cpu, lock);
      },
    ],
    after(world: World<Cpu>, locks: Locks) {
      for (const { lock, data } of locks) {
        expectIncrements(world, data, 1);
        expectFree(world, type, lock);
      }
    },
  });
}

/** Beyond the four: there is no node left, and the CPU tries until it gets the lock. */
function withoutNodes(type: SpinLockType): Exploration {
  return exploration<LockAndData, Cpu>({
    name: `${type.name}-without-a-node`,
    title: `${type.name}: all nodes of the CPU are in use`,
    description: 'The fifth to wait on a CPU has no node: it tries until it gets the lock.',
    on: 'cpu',
    parameters: SLEEPS_AT_ONCE.parameters,
    setup(world: World<Cpu>) {
      const state = lockAndData(world, type);
      const busy = world.cpus[1]!;
      busy.memory.writeOwn(lockView(busy).queuedNodes + QueuedNode.inUse, CONTEXTS);
      world.cpus[0]!.memory.store(state.lock + QueuedLock.value, LOCKED | PENDING);
      return state;
    },
    programs: [
      ({ cpu }: Program<Cpu>, { lock }: LockAndData): void => letGo(cpu, lock),
      ({ cpu }: Program<Cpu>, state: LockAndData): void => take(type, cpu, state),
    ],
    after(world: World<Cpu>, { lock, data }) {
      expectIncrements(world, data, 1);
      expectFree(world, type, lock);
    },
  });
}

export const queuedContextExplorations: readonly Exploration[] = [
  nested(queued, 0),
  withoutNodes(queued),
];
