/** The parking lot, as CPUs use it: whoever waits for a word is woken when it changes, in every way to wait and to wake. */
import { exploration } from '@percpu/experiment';
import type { Exploration, ExplorationLimits, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import { FIRST_FREE_VECTOR } from '../../interrupt-bits.ts';
import { expect } from '../core/support.ts';

type Code = (p: Program<Cpu>, at: Ptr) => void;

/** Waiters sleep at once: no turn of a spin loop saves them. */
const SLEEPS_AT_ONCE = { 'spin.budget': 0 } as const;

const waits: Code = ({ cpu }, at) => {
  expect(cpu.waitWhileEquals(at, 0) !== 0, 'waitWhileEquals ended with the word as it was');
};

const waitsUntil =
  (wanted: number): Code =>
  ({ cpu }, at) =>
    cpu.waitUntilEquals(at, wanted);

const sets =
  (value: number, unpark: (cpu: Cpu, at: Ptr, value: number) => void): Code =>
  ({ cpu }, at) => {
    cpu.memory.store(at, value);
    unpark(cpu, at, value);
  };

interface Parking {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly programs: readonly Code[];
  readonly limits?: ExplorationLimits;
}

/** One word, 0 at first, and those that wait for it and wake. */
function parkingOn({ programs, ...rest }: Parking): Exploration {
  return exploration<Ptr, Cpu>({
    ...rest,
    on: 'cpu',
    parameters: SLEEPS_AT_ONCE,
    setup: ({ alloc }: World<Cpu>) => alloc(64),
    programs,
  });
}

/** Takes the word when it is 1, and gives it back. Waking one is enough, since that one wakes the next. */
const takesTurns: Code = ({ cpu }, at) => {
  while (cpu.memory.exchange(at, 0) === 0) cpu.waitWhileEquals(at, 0);
  cpu.memory.store(at, 1);
  cpu.unparkOne(at);
};

const lone: readonly Parking[] = [
  {
    name: 'park-and-unpark',
    title: 'parking: one waits, one stores and unparks',
    description: 'The store and the wake-up may come at any point of the way to sleep.',
    programs: [waits, sets(1, (cpu, at) => cpu.unpark(at))],
  },
  {
    name: 'park-and-unpark-one',
    title: 'parking: one waits, one stores and unparks one',
    description: 'The only waiter is the one.',
    programs: [waits, sets(1, (cpu, at) => cpu.unparkOne(at))],
  },
  {
    name: 'park-and-unpark-cpu',
    title: 'parking: one waits, one stores and unparks that CPU',
    description: 'The releaser knows who waits, and asks nobody else.',
    programs: [waits, sets(1, (cpu, at) => cpu.unparkCpu(0, at))],
  },
  {
    name: 'park-until-a-value',
    title: 'parking: one waits for a value, others pass by',
    description: 'Of two values that are stored the waiter wants the second.',
    programs: [
      waitsUntil(2),
      (p, at): void => {
        sets(1, (cpu, on, value) => cpu.unpark(on, value))(p, at);
        sets(2, (cpu, on, value) => cpu.unpark(on, value))(p, at);
      },
    ],
  },
];

const shared: readonly Parking[] = [
  {
    name: 'unpark-wakes-all',
    title: 'parking: two wait, one store and one unpark (2 preemptions)',
    description: 'unpark wakes all that wait for the word.',
    programs: [waits, waits, sets(1, (cpu, at) => cpu.unpark(at))],
    limits: { preemptions: 2 },
  },
  {
    name: 'unpark-by-value',
    title: 'parking: two wait for different values (2 preemptions)',
    description:
      'The one that has its value stores the next: unpark for a value leaves the other asleep, and wakes it in its turn.',
    programs: [
      (p, at): void => {
        waitsUntil(1)(p, at);
        sets(2, (cpu, on, value) => cpu.unpark(on, value))(p, at);
      },
      waitsUntil(2),
      sets(1, (cpu, at, value) => cpu.unpark(at, value)),
    ],
    limits: { preemptions: 2 },
  },
  {
    name: 'unpark-one-of-two',
    title: 'parking: two take turns, each wakes one (2 preemptions)',
    description:
      'One wake-up at a time, and none where one is on its way: the turn goes on until all have had it.',
    programs: [takesTurns, takesTurns, sets(1, (cpu, at) => cpu.unparkOne(at))],
    limits: { preemptions: 2 },
  },
];

/** An interrupt finds a CPU on its way to sleep, asleep, or awake; its handler waits for something else meanwhile. */
const interrupted: Exploration = exploration<{ at: Ptr; other: Ptr }, Cpu>({
  name: 'parked-and-interrupted',
  title: 'parking: a parked CPU takes an interrupt, whose handler parks too (3 preemptions)',
  description:
    'The handler waits for another word on the same CPU: what it was parked on before is waited for afterwards.',
  on: 'cpu',
  parameters: SLEEPS_AT_ONCE,
  limits: { preemptions: 3 },
  setup({ alloc, cpus }: World<Cpu>) {
    const state = { at: alloc(64), other: alloc(64) };
    cpus[0]!.setVector(FIRST_FREE_VECTOR, (cpu) => {
      cpu.waitWhileEquals(state.other, 0);
    });
    return state;
  },
  programs: [
    ({ cpu }: Program<Cpu>, { at, other }): void => {
      cpu.waitWhileEquals(at, 0);
      cpu.takeInterrupts();
      expect(cpu.memory.load(other) === 1, 'the interrupt was lost');
    },
    ({ cpu }: Program<Cpu>, { at, other }): void => {
      cpu.raise(0, FIRST_FREE_VECTOR);
      cpu.memory.store(other, 1);
      cpu.unpark(other);
      cpu.memory.store(at, 1);
      cpu.unpark(at);
    },
  ],
});

export const parking: readonly Exploration[] = [
  ...[...lone, ...shared].map(parkingOn),
  interrupted,
];
