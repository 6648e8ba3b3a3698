/** Reader-writer locks whose waiters sleep, each of them alike: who is inside together, who wakes whom. */
import { exploration } from '@percpu/experiment';
import type { Exploration, MustFind, Outcome, Program, World } from '@percpu/experiment';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import type { RwSleepingType } from '../../reader-writer/rw-sleeping-type.ts';
import { osqNode } from '../../sleeping/osq-lock.ts';
import { Guarded, increment } from '../guarded.ts';
import { sleepingState } from '../sleeping/sleeping.ts';
import type { SleepingState } from '../sleeping/sleeping.ts';

/** What is wrong with a lock, and what comes of it. */
export interface BustedSleeper {
  readonly wrong: string;
  readonly mustFind: MustFind;
}

export type RwStep = (type: RwSleepingType, p: Program<Cpu>, state: SleepingState) => Sleeps<void>;

/** `budget`: turns that waiters spin before they sleep. */
export interface RwHow {
  readonly preemptions?: number;
  readonly budget?: number;
  readonly busted?: BustedSleeper;
}

export interface RwCase extends RwHow {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly steps: readonly RwStep[];
  readonly outcomes?: readonly Outcome[];
}

/** Changes two plain words. */
export const write: RwStep = function* (type, { cpu }, { at, data }): Sleeps<void> {
  yield* type.downWrite(cpu, at);
  change(cpu, data);
  type.upWrite(cpu, at);
};

export function change(cpu: Cpu, data: Ptr): void {
  increment(cpu, data);
  cpu.memory.write(data + Guarded.y, cpu.memory.read(data + Guarded.x));
}

/** Reads both: a writer inside is a race. */
export const read: RwStep = function* (type, p, { at, data }): Sleeps<void> {
  yield* type.downRead(p.cpu, at);
  see(p, data);
  type.upRead(p.cpu, at);
};

export function see(p: Program<Cpu>, data: Ptr): void {
  const x = p.cpu.memory.read(data + Guarded.x);
  const y = p.cpu.memory.read(data + Guarded.y);
  p.see(`cpu${p.id}`, x === y ? x : `${x}|${y}`);
}

const tryRead: RwStep = function* (type, p, { at, data }): Sleeps<void> {
  if (type.downReadTrylock(p.cpu, at)) {
    see(p, data);
    type.upRead(p.cpu, at);
  } else p.see(`cpu${p.id}`, 'no');
};

export function rwSleepingCase(type: RwSleepingType, how: RwCase): Exploration {
  const { name, title, description, steps, preemptions, budget, busted } = how;
  const bounds = [
    ...(preemptions === undefined
      ? []
      : [`${preemptions} preemption${preemptions === 1 ? '' : 's'}`]),
    ...(budget === undefined ? [] : [`spin budget ${budget}`]),
  ];
  const within = bounds.length === 0 ? '' : ` (${bounds.join(', ')})`;
  return exploration<SleepingState, Cpu>({
    name: busted === undefined ? `${type.name}-${name}` : type.name,
    title: busted === undefined ? `${type.name}: ${title}${within}` : `busted twin: ${type.name}`,
    description: busted?.wrong ?? description,
    on: 'machine',
    ...(budget === undefined ? {} : { parameters: { 'spin.budget': budget } }),
    limits: preemptions === undefined ? {} : { preemptions },
    setup(world: World<Cpu>) {
      for (const cpu of world.cpus) cpu.use(osqNode);
      return sleepingState(world, type.layout, type.init);
    },
    programs: steps.map((step) => (p: Program<Cpu>, state: SleepingState) => step(type, p, state)),
    after({ cpus }: World<Cpu>, { at }) {
      const [cpu] = cpus;
      // The first word says who is inside and who waits.
      if (type.isLocked(cpu!, at) || cpu!.memory.load(at) !== 0)
        throw new Error(`nobody is inside or waits, but ${type.name} looks as if`);
    },
    allowed: busted === undefined || busted.mustFind.kind === 'outcome' ? how.outcomes : undefined,
    mustFind: busted?.mustFind,
  });
}

const one = (name: string, values: readonly (number | string)[]): Outcome[] =>
  values.map((value) => ({ [name]: value }));

export const readerAndWriter = (type: RwSleepingType, how: RwHow): Exploration =>
  rwSleepingCase(type, {
    name: `reader-and-writer${how.budget === undefined ? '' : `-spin-${how.budget}`}`,
    title: 'a reader and a writer exclude each other',
    description: 'The writer changes two plain words, the reader finds both old or both new.',
    steps: [write, read],
    outcomes: one('cpu1', [0, 1]),
    ...how,
  });

export const twoWriters = (type: RwSleepingType, how: RwHow): Exploration =>
  rwSleepingCase(type, {
    name: `writers${how.budget === undefined ? '' : `-spin-${how.budget}`}`,
    title: 'two writers exclude each other',
    description: 'Two inside are a race, a sleeper that nobody wakes is a lost wake-up.',
    steps: [write, write],
    ...how,
  });

export const readersAndWriter = (type: RwSleepingType, how: RwHow): Exploration =>
  rwSleepingCase(type, {
    name: 'readers-and-writer',
    title: 'two readers and a writer',
    description: 'The writer waits for both, and both for the writer.',
    steps: [write, read, read],
    outcomes: [0, 1].flatMap((cpu1) => one('cpu2', [0, 1]).map((seen) => ({ cpu1, ...seen }))),
    ...how,
  });

export const writersAndReader = (type: RwSleepingType, how: RwHow): Exploration =>
  rwSleepingCase(type, {
    name: 'writers-and-reader',
    title: 'two writers and a reader',
    description: 'A reader may wait behind a writer that waits, and a writer behind a reader.',
    steps: [write, write, read],
    outcomes: one('cpu2', [0, 1, 2]),
    ...how,
  });

export const attempt = (type: RwSleepingType, how: RwHow): Exploration =>
  rwSleepingCase(type, {
    name: 'attempt-to-read',
    title: 'an attempt to read against a writer and a reader',
    description: 'An attempt that fails leaves nothing behind, and nobody waiting for it.',
    steps: [write, read, tryRead],
    outcomes: [0, 1].flatMap((cpu1) =>
      one('cpu2', ['no', 0, 1]).map((seen) => ({ cpu1, ...seen })),
    ),
    ...how,
  });

/** Both readers are inside at the same time: each stays there until the other is. */
export const together = (type: RwSleepingType, how: RwHow): Exploration =>
  rwSleepingCase(type, {
    name: 'readers-together',
    title: 'two readers are inside at the same time',
    description: 'Each reader stays inside until the other is there too.',
    steps: [0, 1].map(
      (): RwStep =>
        function* (of, { cpu }, { at, data }): Sleeps<void> {
          yield* of.downRead(cpu, at);
          const inside = cpu.memory.fetchAdd(data + Guarded.x, 1) + 1;
          if (inside === 2) cpu.unpark(data + Guarded.x);
          else cpu.waitWhileEquals(data + Guarded.x, inside);
          of.upRead(cpu, at);
        },
    ),
    ...how,
  });
