/** Stopping CPUs: while the function runs nobody else does, and whoever was stopped goes on. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import type { Sleeps } from '../../sleeps.ts';
import { stopMachine, stopMachineCpuslocked } from '../../stop-machine.ts';
import { defineEverywhere } from '../core/support.ts';

export interface Stopped {
  readonly fn: Ptr;
  /** Plain: the function's, and of sections with preemption off on any CPU. */
  readonly data: Ptr;
}

export function stopped(w: World<Cpu>): Stopped {
  const data = w.alloc(128);
  const fn = defineEverywhere(w, 'double', ({ memory }, at) => {
    memory.write(at, memory.read(at) * 2);
    return 5;
  });
  makeStoppers(w.cpus[0]!, fn);
  return { fn, data };
}

/** The first stop makes the kthreads that stop CPUs: done here by one that is refused. */
export function makeStoppers(cpu: Cpu, fn: Ptr): void {
  stopMachineCpuslocked(cpu, fn, 0, [cpu.nrCpus]).next();
}

/** One more at `data`, with preemption off. */
export function addOne({ cpu, memory }: Program<Cpu>, { data }: Stopped): void {
  cpu.preemptDisable();
  memory.write(data, memory.read(data) + 1);
  cpu.preemptEnable();
}

const machineStopped: Exploration = exploration<Stopped, Cpu>({
  name: 'machine-stopped',
  title: 'While the function of stopMachine runs, nobody else does',
  description:
    'CPU 0 stops the machine for a function that changes plain data; CPU 1 changes them with preemption off. Without preemptions but those of interrupts; drawn schedules have more.',
  on: 'machine',
  limits: { preemptions: 0 },
  setup: stopped,
  programs: [
    function* (p: Program<Cpu>, { fn, data }): Sleeps<void> {
      p.see('result', yield* stopMachine(p.cpu, fn, data));
    },
    addOne,
  ],
  after(w: World<Cpu>, { data }) {
    w.see('data', w.memory.read(data));
  },
  allowed: [
    { result: 5, data: 1 },
    { result: 5, data: 2 },
  ],
});

export const stops: readonly Exploration[] = [machineStopped];
