/** Locks that interrupt handlers and soft irqs take too. The interrupt may arrive between any two accesses. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR, NET_RX_SOFTIRQ, openSoftirq, raiseSoftirq } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { clh } from '../../spin/clh-lock.ts';
import { queued } from '../../spin/queued-lock.ts';
import { mcs } from '../../spin/mcs-lock.ts';
import { NOT_TAKEN } from '../../spin/spin-lock-type.ts';
import type { SpinLockType } from '../../spin/spin-lock-type.ts';
import { ticket } from '../../spin/ticket-lock.ts';
import { expectFree, expectIncrements, increment, lockAndData } from '../guarded.ts';
import type { LockAndData } from '../guarded.ts';
import { PURE_SPINNING, SLEEPS_AT_ONCE } from '../waiting.ts';
import { SPIN_LOCKS } from './types.ts';
import type { WaitingStyle } from '../waiting.ts';

const VECTOR = FIRST_FREE_VECTOR;

/** How a task takes a lock that others on its own CPU take too. */
type Section = (type: SpinLockType, cpu: Cpu, lock: Ptr, data: Ptr) => void;

const plain: Section = (type, cpu, lock, data) => {
  type.lock(cpu, lock);
  increment(cpu, data);
  type.unlock(cpu, lock);
};

const irqsave: Section = (type, cpu, lock, data) => {
  const flags = type.lockIrqsave(cpu, lock);
  increment(cpu, data);
  type.unlockIrqrestore(cpu, lock, flags);
};

const irq: Section = (type, cpu, lock, data) => {
  type.lockIrq(cpu, lock);
  increment(cpu, data);
  type.unlockIrq(cpu, lock);
};

const bh: Section = (type, cpu, lock, data) => {
  type.lockBh(cpu, lock);
  increment(cpu, data);
  type.unlockBh(cpu, lock);
};

const tryIrqsave: Section = (type, cpu, lock, data) => {
  const flags = type.trylockIrqsave(cpu, lock);
  // The handler cannot have it: it ends before the task goes on.
  if (flags === NOT_TAKEN) throw new Error(`the ${type.name} lock looks held, but nobody is there`);
  increment(cpu, data);
  type.unlockIrqrestore(cpu, lock, flags);
};

const tryBh: Section = (type, cpu, lock, data) => {
  if (!type.trylockBh(cpu, lock))
    throw new Error(`the ${type.name} lock looks held, but nobody is there`);
  increment(cpu, data);
  type.unlockBh(cpu, lock);
};

interface Interrupted {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly task: Section;
  readonly context: 'interrupt' | 'softirq';
  readonly cpus: number;
  readonly waiting: WaitingStyle;
  readonly preemptions?: number;
  readonly mustFind?: MustFind;
}

/** CPU 0 is interrupted by a handler that takes the lock of its task. A second CPU takes the same lock. */
function interrupted(type: SpinLockType, how: Interrupted): Exploration {
  const { name, title, description, task, context, cpus, waiting, preemptions, mustFind } = how;
  return exploration<LockAndData, Cpu>({
    name,
    title,
    description,
    on: 'machine',
    cpus,
    parameters: waiting.parameters,
    ...(preemptions === undefined ? {} : { limits: { preemptions } }),
    setup(world: World<Cpu>) {
      const state = lockAndData(world, type);
      for (const cpu of world.cpus) {
        const handler = (on: Cpu): void => plain(type, on, state.lock, state.data);
        if (context === 'interrupt') cpu.setVector(VECTOR, handler);
        else {
          openSoftirq(cpu, NET_RX_SOFTIRQ, handler);
          cpu.setVector(VECTOR, (on) => raiseSoftirq(on, NET_RX_SOFTIRQ));
        }
      }
      return state;
    },
    programs: [
      ({ cpu }: Program<Cpu>, { lock, data }: LockAndData): void => {
        cpu.raise(cpu.id, VECTOR);
        task(type, cpu, lock, data);
      },
      ({ cpu }: Program<Cpu>, { lock, data }: LockAndData): void => task(type, cpu, lock, data),
    ].slice(0, cpus),
    after(world: World<Cpu>, { lock, data }) {
      expectIncrements(world, data, cpus + 1);
      expectFree(world, type, lock);
    },
    ...(mustFind === undefined ? {} : { mustFind }),
  });
}

/** All forms that keep interrupts or soft irqs out, against a handler that takes the lock. */
export function forms(type: SpinLockType): Exploration[] {
  const alone = { cpus: 1, waiting: PURE_SPINNING } as const;
  const handler = 'An interrupt handler takes the lock that its own CPU may hold.';
  const softirq = 'A soft irq takes the lock that the task of its own CPU may hold.';
  const irqForms = { irq, irqsave, 'try-irqsave': tryIrqsave } as const;
  const bhForms = { bh, 'try-bh': tryBh } as const;
  return [
    ...Object.entries(irqForms).map(([form, task]) =>
      interrupted(type, {
        name: `${type.name}-${form}-interrupted`,
        title: `${type.name}: ${form} form, with an interrupt that takes the lock`,
        description: handler,
        ...{ task, context: 'interrupt', ...alone },
      }),
    ),
    ...Object.entries(bhForms).map(([form, task]) =>
      interrupted(type, {
        name: `${type.name}-${form}-interrupted`,
        title: `${type.name}: ${form} form, with a soft irq that takes the lock`,
        description: softirq,
        ...{ task, context: 'softirq', ...alone },
      }),
    ),
  ];
}

interface TwoLocks extends LockAndData {
  readonly other: LockAndData;
}

/** With interrupts on: the handler queues for another lock while its task holds or awaits its own. */
const byAnotherLock = (type: SpinLockType): Exploration =>
  exploration<TwoLocks, Cpu>({
    name: `${type.name}-interrupted-by-another-lock`,
    title: `${type.name}: an interrupt queues for another lock of the type (1 preemption)`,
    description:
      'The handler may wait while its task holds its lock, spins for it, or sleeps for it: neither disturbs the other.',
    on: 'machine',
    parameters: SLEEPS_AT_ONCE.parameters,
    limits: { preemptions: 1 },
    setup(world: World<Cpu>) {
      const state = { ...lockAndData(world, type), other: lockAndData(world, type) };
      world.cpus[0]!.setVector(VECTOR, (cpu) =>
        plain(type, cpu, state.other.lock, state.other.data),
      );
      return state;
    },
    programs: [
      ({ cpu }: Program<Cpu>, { lock, data }): void => plain(type, cpu, lock, data),
      ({ cpu }: Program<Cpu>, { lock, data, other }): void => {
        cpu.raise(0, VECTOR);
        plain(type, cpu, lock, data);
        plain(type, cpu, other.lock, other.data);
      },
    ],
    after(world: World<Cpu>, { lock, data, other }) {
      expectIncrements(world, data, 2);
      expectIncrements(world, other.data, 2);
      expectFree(world, type, lock);
      expectFree(world, type, other.lock);
    },
  });

const INTERRUPTED_QUEUES = [ticket, mcs, clh, queued] as const;

export const interruptedExplorations: readonly Exploration[] = [
  ...SPIN_LOCKS.flatMap(forms),
  ...INTERRUPTED_QUEUES.map(byAnotherLock),
  ...INTERRUPTED_QUEUES.map((type) =>
    interrupted(type, {
      name: `${type.name}-irqsave-interrupted-and-contended`,
      title: `${type.name}: irqsave form, with an interrupt and another CPU (1 preemption)`,
      description:
        'The handler of one CPU, its task and a second CPU take the same lock; waiters sleep.',
      task: irqsave,
      context: 'interrupt',
      cpus: 2,
      waiting: SLEEPS_AT_ONCE,
      preemptions: 1,
    }),
  ),
  interrupted(ticket, {
    name: 'interrupts-left-on',
    title: 'busted twin: a lock that an interrupt takes too, with interrupts on',
    description: 'The handler waits for the task that it has interrupted.',
    task: plain,
    context: 'interrupt',
    cpus: 1,
    waiting: PURE_SPINNING,
    mustFind: { kind: 'deadlock', message: /serving/ },
  }),
  interrupted(mcs, {
    name: 'bottom-halves-left-on',
    title: 'busted twin: a lock that a soft irq takes too, with bottom halves on',
    description: 'The soft irq waits for the task on top of which it runs, asleep.',
    task: plain,
    context: 'softirq',
    cpus: 1,
    waiting: SLEEPS_AT_ONCE,
    mustFind: { kind: 'deadlock', message: /waiting/ },
  }),
];
