/**
 * Spin locks, each of them alike: exclusion, hand-over, progress of waiters that spin and of waiters that
 * sleep, the attempt that does not wait.
 */
import { exploration } from '@percpu/experiment';
import type { Exploration, ExplorationLimits, MustFind, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import type { SpinLockType } from '../../spin/spin-lock-type.ts';
import { clh } from '../../spin/clh-lock.ts';
import { queued } from '../../spin/queued-lock.ts';
import { ttas } from '../../spin/ttas-lock.ts';
import { mcs } from '../../spin/mcs-lock.ts';
import { tasType } from '../../spin/tas-lock.ts';
import { ticket } from '../../spin/ticket-lock.ts';
import { expectFree, expectIncrements, Guarded, increment, lockAndData } from '../guarded.ts';
import type { LockAndData } from '../guarded.ts';
import { PURE_SPINNING, SLEEPS_AT_ONCE, SLEEPS_AFTER_ONE_TURN } from '../waiting.ts';
import { SPIN_LOCKS } from './types.ts';
import type { WaitingStyle } from '../waiting.ts';

/** A lock that is wrong: how, and what comes of it. */
export interface Busted {
  readonly wrong: string;
  readonly mustFind: MustFind;
}

interface Exclusion {
  readonly cpus: number;
  readonly waiting: WaitingStyle;
  readonly limits?: ExplorationLimits;
  readonly busted?: Busted;
}

/** Every CPU adds one to a plain word under the lock. */
export function mutualExclusion(
  type: SpinLockType,
  { cpus, waiting, limits = {}, busted }: Exclusion,
): Exploration {
  const bounded = limits.preemptions === undefined ? '' : ` (${limits.preemptions} preemptions)`;
  return exploration<LockAndData, Cpu>({
    name: `${type.name}-excludes-${cpus}-${waiting.name}`,
    title: `${type.name}: ${cpus} CPUs exclude each other, ${waiting.title}${bounded}`,
    description:
      'Each CPU increments a plain word under the lock. Two inside at a time are a race; a waiter that nobody lets in is a deadlock.',
    ...ofTwin(type, busted),
    on: 'cpu',
    cpus,
    parameters: waiting.parameters,
    limits,
    setup: (world: World<Cpu>) => lockAndData(world, type),
    program: ({ cpu }: Program<Cpu>, { lock, data }) => takeOnce(type, cpu, lock, data),
    after: (world: World<Cpu>, { lock, data }) => {
      expectIncrements(world, data, cpus);
      expectFree(world, type, lock);
    },
  });
}

/** The lock is taken twice by one CPU while another comes: what the first turn left behind is met by the second. */
export function takenTwice(type: SpinLockType, busted?: Busted): Exploration {
  return exploration<LockAndData, Cpu>({
    name: `${type.name}-taken-twice`,
    title: `${type.name}: one CPU takes it twice while another comes`,
    description:
      'The second turn of a CPU starts from what its first left behind, in the lock and in its queue nodes.',
    ...ofTwin(type, busted),
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup: (world: World<Cpu>) => lockAndData(world, type),
    programs: [
      ({ cpu }: Program<Cpu>, { lock, data }): void => {
        takeOnce(type, cpu, lock, data);
        takeOnce(type, cpu, lock, data);
      },
      ({ cpu }: Program<Cpu>, { lock, data }): void => takeOnce(type, cpu, lock, data),
    ],
    after: (world: World<Cpu>, { lock, data }) => {
      expectIncrements(world, data, 3);
      expectFree(world, type, lock);
    },
  });
}

export function takeOnce(type: SpinLockType, cpu: Cpu, lock: Ptr, data: Ptr): void {
  type.lock(cpu, lock);
  increment(cpu, data);
  type.unlock(cpu, lock);
}

/** Name, texts and finding of a twin. */
export function ofTwin(
  { name }: SpinLockType,
  busted: Busted | undefined,
): Partial<Pick<Exploration, 'title' | 'description'>> & { name?: string; mustFind?: MustFind } {
  if (busted === undefined) return {};
  const { wrong, mustFind } = busted;
  return { name, title: `busted twin: ${name}`, description: wrong, mustFind };
}

/** What one holder wrote is there, whole, for the next. */
function handOver(type: SpinLockType): Exploration {
  return exploration<LockAndData, Cpu>({
    name: `${type.name}-hand-over`,
    title: `${type.name}: hand-over publishes the data`,
    description:
      'One CPU writes two plain words under the lock, another reads them: both or neither are new.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup: (world: World<Cpu>) => lockAndData(world, type),
    programs: [
      ({ cpu }: Program<Cpu>, { lock, data }): void => {
        type.lock(cpu, lock);
        cpu.memory.write(data + Guarded.x, 1);
        cpu.memory.write(data + Guarded.y, 1);
        type.unlock(cpu, lock);
      },
      (p: Program<Cpu>, { lock, data }): void => {
        type.lock(p.cpu, lock);
        p.see('x', p.cpu.memory.read(data + Guarded.x));
        p.see('y', p.cpu.memory.read(data + Guarded.y));
        type.unlock(p.cpu, lock);
      },
    ],
    allowed: [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  });
}

/** `trylock` excludes as `lock` does, does not wait, and fails without a trace. */
export function trylock(type: SpinLockType, busted?: Busted): Exploration {
  const attempt = (p: Program<Cpu>, { lock, data }: LockAndData): void => {
    const taken = type.trylock(p.cpu, lock);
    p.see(`cpu${p.id}`, taken);
    if (!taken) return;
    increment(p.cpu, data);
    type.unlock(p.cpu, lock);
  };
  return exploration<LockAndData, Cpu>({
    name: `${type.name}-trylock`,
    title: `${type.name}: trylock against lock and another trylock`,
    description:
      'One CPU takes the lock, two try. Those that fail leave nothing behind; all that get it exclude each other.',
    ...ofTwin(type, busted),
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup: (world: World<Cpu>) => lockAndData(world, type),
    programs: [
      ({ cpu }: Program<Cpu>, { lock, data }): void => takeOnce(type, cpu, lock, data),
      attempt,
      attempt,
    ],
    after(world: World<Cpu>, { lock, data }) {
      const { cpu1, cpu2 } = world.seen;
      expectIncrements(world, data, 1 + Number(cpu1) + Number(cpu2));
      expectFree(world, type, lock);
    },
    ...(busted === undefined
      ? {
          allowed: [
            { cpu1: false, cpu2: false },
            { cpu1: false, cpu2: true },
            { cpu1: true, cpu2: false },
            { cpu1: true, cpu2: true },
          ],
        }
      : {}),
  });
}

/**
 * `tas` sleeps after dozens of lost attempts; nobody loses so many here. This one stands for `ttas` too, whose back-off
 * the explorer takes for a wait: that one sleeps only where a third CPU comes in between.
 */
const tasSleepingAtOnce: SpinLockType = tasType('tas-0-attempts', 0);

const QUEUES = [ticket, mcs, clh, queued] as const;
const THREE_CPUS = { limits: { preemptions: 2 } } as const;

export const spinLockExplorations: readonly Exploration[] = [
  ...SPIN_LOCKS.map((type) => mutualExclusion(type, { cpus: 2, waiting: PURE_SPINNING })),
  ...[tasSleepingAtOnce, ...QUEUES].flatMap((type) => [
    mutualExclusion(type, { cpus: 2, waiting: SLEEPS_AT_ONCE }),
    mutualExclusion(type, { cpus: 2, waiting: SLEEPS_AFTER_ONE_TURN }),
  ]),
  ...[tasSleepingAtOnce, ttas, ...QUEUES].map((type) =>
    mutualExclusion(type, { cpus: 3, waiting: SLEEPS_AT_ONCE, ...THREE_CPUS }),
  ),
  ...SPIN_LOCKS.map((type) =>
    mutualExclusion(type, {
      cpus: 3,
      waiting: PURE_SPINNING,
      ...(type === ticket ? {} : THREE_CPUS),
    }),
  ),
  ...SPIN_LOCKS.map((type) => takenTwice(type)),
  ...SPIN_LOCKS.map(handOver),
  ...SPIN_LOCKS.map((type) => trylock(type)),
];
