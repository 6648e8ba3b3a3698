/** Per-CPU counters that lose or double what is added. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import { FIRST_FREE_VECTOR } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { perCpuPtr } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { PercpuCounter, percpuCounterSum } from '../../../counting/percpu-counter.ts';
import { allocCounter, expectSum } from '../percpu-counter.ts';
import type { Counted } from '../percpu-counter.ts';
import { PURE_SPINNING } from '../../waiting.ts';

function localOf({ memory, machine, id }: Cpu, at: Ptr): Ptr {
  return perCpuPtr(machine.percpu, memory.read(at + PercpuCounter.local), id);
}

/** As if an interrupt could not come between the two. */
function addInTwoSteps(cpu: Cpu, at: Ptr): void {
  const local = localOf(cpu, at);
  cpu.memory.store(local, cpu.memory.load(local) + 1);
}

/** Outside the lock: a sum may look in between. */
function foldUnlocked(cpu: Cpu, at: Ptr): void {
  const folded = cpu.memory.exchange(localOf(cpu, at), 0);
  cpu.memory.fetchAdd64(at + PercpuCounter.count, folded);
}

export const bustedCounters: readonly Exploration[] = [
  exploration<Counted, Cpu>({
    name: 'percpu-counter-adds-in-two-steps',
    title: 'busted twin: a per-CPU counter that adds with a load and a store',
    description: 'What an interrupt adds between the two is overwritten.',
    on: 'machine',
    cpus: 1,
    setup(world: World<Cpu>) {
      const state = allocCounter(world);
      world.cpus[0]!.setVector(FIRST_FREE_VECTOR, (cpu) => addInTwoSteps(cpu, state.at));
      return state;
    },
    program({ cpu, id }: Program<Cpu>, { at }) {
      cpu.raise(id, FIRST_FREE_VECTOR);
      addInTwoSteps(cpu, at);
    },
    after: (world: World<Cpu>, { at }) => expectSum(world, at, 2),
    mustFind: { kind: 'assertion', message: /the sum is 1; 2 were added/ },
  }),
  exploration<Counted, Cpu>({
    name: 'percpu-counter-folds-unlocked',
    title: 'busted twin: a per-CPU counter that folds without the lock',
    description:
      'A sum that looks at the count before the fold and at the local part after it misses what was moved.',
    on: 'cpu',
    parameters: PURE_SPINNING.parameters,
    setup(world: World<Cpu>) {
      const state = allocCounter(world);
      world.memory.store(localOf(world.cpus[0]!, state.at), 3);
      return state;
    },
    programs: [
      ({ cpu }: Program<Cpu>, { at }): void => foldUnlocked(cpu, at),
      (p: Program<Cpu>, { at }): void => p.see('sum', percpuCounterSum(p.cpu, at)),
    ],
    allowed: [{ sum: 3 }],
    mustFind: { kind: 'outcome', message: /0/ },
  }),
];
