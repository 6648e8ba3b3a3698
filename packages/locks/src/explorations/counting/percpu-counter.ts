/** The per-CPU counter: nothing that is added is lost or counted twice, whoever folds, sums or interrupts. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { lockView } from '../../lock-view.ts';
import {
  PercpuCounter,
  percpuCounterAddBatch,
  percpuCounterInit,
  percpuCounterRead,
  percpuCounterSum,
} from '../../counting/percpu-counter.ts';
import { PURE_SPINNING } from '../waiting.ts';

export interface Counted {
  readonly at: Ptr;
}

export function allocCounter({ cpus, alloc }: World<Cpu>): Counted {
  const at = alloc(PercpuCounter.size);
  for (const cpu of cpus) lockView(cpu);
  percpuCounterInit(cpus[0]!, at);
  return { at };
}

export function expectSum(world: World<Cpu>, at: Ptr, expected: number): void {
  const sum = percpuCounterSum(world.cpus[0]!, at);
  if (sum !== expected) throw new Error(`the sum is ${sum}; ${expected} were added`);
}

/** Each adds 1 and 3 in batches of 2: the first stays local, the second folds both. */
const BATCH = 2;
const addTwice = ({ cpu }: Program<Cpu>, { at }: Counted): void => {
  percpuCounterAddBatch(cpu, at, 1, BATCH);
  percpuCounterAddBatch(cpu, at, 3, BATCH);
};

export const percpuCounterExplorations: readonly Exploration[] = [
  exploration<Counted, Cpu>({
    name: 'percpu-counter-folds',
    title: 'per-CPU counter: two CPUs add and fold',
    description: 'Both fold into the shared count under the lock: the sum is exact.',
    on: 'cpu',
    cpus: 2,
    parameters: PURE_SPINNING.parameters,
    setup: allocCounter,
    program: addTwice,
    after: (world: World<Cpu>, { at }) => expectSum(world, at, 8),
  }),
  exploration<Counted, Cpu>({
    name: 'percpu-counter-sum',
    title: 'per-CPU counter: a sum while another CPU adds and folds',
    description:
      'A sum sees each addition whole or not at all, and what is folded meanwhile once: 0, 1 or 4, never 3 or 5.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup: allocCounter,
    programs: [
      addTwice,
      (p: Program<Cpu>, { at }): void => p.see('sum', percpuCounterSum(p.cpu, at)),
    ],
    allowed: [{ sum: 0 }, { sum: 1 }, { sum: 4 }],
  }),
  exploration<Counted, Cpu>({
    name: 'percpu-counter-read',
    title: 'per-CPU counter: the approximate value is off by less than a batch',
    description: 'A read sees the shared count only: nothing, or all that was folded.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup: allocCounter,
    programs: [
      addTwice,
      (p: Program<Cpu>, { at }): void => p.see('near', percpuCounterRead(p.cpu, at)),
    ],
    allowed: [{ near: 0 }, { near: 4 }],
  }),
  exploration<Counted, Cpu>({
    name: 'percpu-counter-interrupted',
    title: 'per-CPU counter: an interrupt adds on the same CPU',
    description:
      'Between the addition to the local part and the fold an interrupt may add and fold itself.',
    on: 'machine',
    cpus: 1,
    parameters: PURE_SPINNING.parameters,
    setup(world: World<Cpu>) {
      const state = allocCounter(world);
      world.cpus[0]!.setVector(FIRST_FREE_VECTOR, (cpu) =>
        percpuCounterAddBatch(cpu, state.at, 1, BATCH),
      );
      return state;
    },
    program(p: Program<Cpu>, state) {
      p.cpu.raise(p.id, FIRST_FREE_VECTOR);
      percpuCounterAddBatch(p.cpu, state.at, 1, BATCH);
      percpuCounterAddBatch(p.cpu, state.at, 1, BATCH);
    },
    after: (world: World<Cpu>, { at }) => expectSum(world, at, 3),
  }),
];
