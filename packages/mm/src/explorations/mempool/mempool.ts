/** Memory pools: who sleeps for an element is woken, whoever frees one, and wherever. */
import { exploration } from '@percpu/experiment';
import type { Exploration, ExplorationLimits, MustFind, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { GFP_KERNEL, GFP_NOWAIT } from '../../gfp.ts';
import { mempoolResize } from '../../mempool/create.ts';
import { mempoolAlloc, mempoolFree } from '../../mempool/mempool.ts';
import { expectInPool, poolState } from './pool-of-one.ts';
import type { PoolState } from './pool-of-one.ts';

/** What a pool is explored with. */
export interface PoolSteps {
  readonly alloc: (cpu: Cpu, pool: Ptr) => Sleeps<Ptr>;
  readonly free: (cpu: Cpu, pool: Ptr, element: Ptr) => void;
}

const right: PoolSteps = {
  alloc: (cpu, pool) => mempoolAlloc(cpu, pool, GFP_KERNEL),
  free: mempoolFree,
};

interface Explored {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly limits: ExplorationLimits;
  readonly steps?: PoolSteps;
  readonly mustFind?: MustFind;
}

const VECTOR = FIRST_FREE_VECTOR;

const useOne = (steps: PoolSteps) =>
  function* ({ cpu, memory, id }: Program<Cpu>, { pool }: PoolState): Sleeps<void> {
    const element = yield* steps.alloc(cpu, pool);
    // Plain: two that have it at a time are a race.
    memory.write(element, id);
    steps.free(cpu, pool, element);
  };

/** `cpus` tasks use a pool that holds one element. */
export function shared(
  cpus: number,
  { steps = right, limits, mustFind, ...text }: Explored,
): Exploration {
  return exploration<PoolState, Cpu>({
    ...text,
    on: 'machine',
    cpus,
    limits,
    setup: (world: World<Cpu>) => poolState(world, 1, 1),
    program: useOne(steps),
    after: (world: World<Cpu>, { pool }) => expectInPool(world, pool, 1),
    ...(mustFind === undefined ? {} : { mustFind }),
  });
}

/** All elements are out; CPU 0 gives `freed` back, the other CPUs wait for one each. */
export function givenBack(
  freed: number,
  { steps = right, limits, mustFind, ...text }: Explored,
): Exploration {
  return exploration<PoolState, Cpu>({
    ...text,
    on: 'machine',
    limits,
    setup: (world: World<Cpu>) => poolState(world, freed, 0),
    programs: [
      ({ cpu }: Program<Cpu>, { pool, elements }): void => {
        for (let i = 0; i < freed; i++) steps.free(cpu, pool, elements[i]!);
      },
      ...Array.from(
        { length: freed },
        () =>
          function* ({ cpu, memory }: Program<Cpu>, { pool }: PoolState): Sleeps<void> {
            memory.write(yield* steps.alloc(cpu, pool), 1);
          },
      ),
    ],
    after: (world: World<Cpu>, { pool }) => expectInPool(world, pool, 0),
    ...(mustFind === undefined ? {} : { mustFind }),
  });
}

/** Two CPUs give an element back each, to a pool that lacks one. */
export function lacksOne({ steps = right, limits, mustFind, ...text }: Explored): Exploration {
  return exploration<PoolState, Cpu>({
    ...text,
    on: 'machine',
    cpus: 2,
    limits,
    setup: (world: World<Cpu>) => poolState(world, 1, 0, 2),
    program: ({ cpu, id }: Program<Cpu>, { pool, elements }): void =>
      steps.free(cpu, pool, elements[id]!),
    after: (world: World<Cpu>, { pool }) => expectInPool(world, pool, 1),
    ...(mustFind === undefined ? {} : { mustFind }),
  });
}

/** An interrupt gives back what the task of its CPU waits for. */
export function freedByInterrupt({
  steps = right,
  limits,
  mustFind,
  ...text
}: Explored): Exploration {
  return exploration<PoolState, Cpu>({
    ...text,
    on: 'machine',
    cpus: 1,
    limits,
    setup(world: World<Cpu>) {
      const state = poolState(world, 1, 0);
      world.cpus[0]!.setVector(VECTOR, (cpu) => steps.free(cpu, state.pool, state.elements[0]!));
      return state;
    },
    *program({ cpu, memory }: Program<Cpu>, { pool }): Sleeps<void> {
      cpu.raise(cpu.id, VECTOR);
      memory.write(yield* steps.alloc(cpu, pool), 1);
    },
    after: (world: World<Cpu>, { pool }) => expectInPool(world, pool, 0),
    ...(mustFind === undefined ? {} : { mustFind }),
  });
}

const resized: Exploration = exploration<PoolState, Cpu>({
  name: 'mempool-resized',
  title: 'mempool: one CPU makes the pool smaller while another frees into it and takes from it',
  description: 'It holds no more than its new minimum, and no element is in it twice.',
  on: 'machine',
  limits: { preemptions: 2 },
  setup: (world: World<Cpu>) => poolState(world, 2, 1),
  programs: [
    function* ({ cpu }: Program<Cpu>, { pool }): Sleeps<void> {
      yield* mempoolResize(cpu, pool, 1);
    },
    ({ cpu, memory }: Program<Cpu>, { pool, elements }): void => {
      mempoolFree(cpu, pool, elements[1]!);
      const element = mempoolAlloc(cpu, pool, GFP_NOWAIT);
      if (element !== 0) memory.write(element, 1);
      if (element !== 0) mempoolFree(cpu, pool, element);
    },
  ],
  after: (world: World<Cpu>, { pool }) => expectInPool(world, pool, 1),
});

export const mempoolExplorations: readonly Exploration[] = [
  shared(2, {
    name: 'mempool-of-one-2',
    title: 'mempool: two tasks share one element (2 preemptions)',
    description: 'Whoever comes second sleeps until the first gives it back.',
    limits: { preemptions: 2 },
  }),
  shared(3, {
    name: 'mempool-of-one-3',
    title: 'mempool: three tasks share one element (no preemption)',
    description: 'Whoever sleeps is woken by the next free, and looks again.',
    limits: { preemptions: 0 },
  }),
  givenBack(1, {
    name: 'mempool-given-back',
    title: 'mempool: the last element comes back while a task goes to sleep for it (2 preemptions)',
    description: 'Whether it finds the element in the pool, or the wake-up finds it asleep.',
    limits: { preemptions: 2 },
  }),
  givenBack(2, {
    name: 'mempool-given-back-2',
    title: 'mempool: two elements come back for two tasks (1 preemption)',
    description: 'Both get one.',
    limits: { preemptions: 1 },
  }),
  lacksOne({
    name: 'mempool-lacks-one',
    title: 'mempool: two elements come back, and the pool keeps one',
    description: 'Both may have seen that it lacks one; the second looks again under the lock.',
    limits: {},
  }),
  freedByInterrupt({
    name: 'mempool-freed-by-an-interrupt',
    title: 'mempool: an interrupt gives back what its task waits for',
    description: 'Between any two accesses, those under the lock of the pool included.',
    limits: {},
  }),
  resized,
];
