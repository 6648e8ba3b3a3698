/** Twins of softirq/. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../../cpu.ts';
import { FIRST_FREE_VECTOR } from '../../../interrupt-bits.ts';
import { PerCpuLayout } from '../../../machine-layout.ts';
import { BLOCK_SOFTIRQ } from '../../../softirq/softirq-numbers.ts';
import {
  Tasklet,
  TASKLET_SCHED,
  taskletDisableNosync,
  taskletEnable,
} from '../../../softirq/tasklet.ts';
import { expect, SPINNING } from '../../core/support.ts';
import { idle, runSoftirqs, scheduled, scheduledBare } from '../tasklets.ts';
import type { Scheduled } from '../tasklets.ts';

const disabledNosync: Exploration = exploration<Scheduled, Cpu>({
  name: 'tasklet-disabled-nosync',
  title: 'Twin: taskletDisableNosync where taskletDisable is needed',
  description: 'It does not start any more, but it may be running.',
  on: 'cpu',
  parameters: SPINNING,
  mustFind: { kind: 'race' },
  setup: scheduledBare,
  programs: [
    (p: Program<Cpu>, s) => {
      taskletDisableNosync(p.cpu, s.tasklet);
      p.memory.write(s.runs, p.memory.read(s.runs) + 10);
      taskletEnable(p.cpu, s.tasklet);
      p.cpu.unpark(s.tasklet + Tasklet.count);
    },
    runSoftirqs,
  ],
});

const killedEarly: Exploration = exploration<Scheduled, Cpu>({
  name: 'tasklet-killed-while-it-runs',
  title: 'Twin: whoever ends a tasklet waits until it is not scheduled, and not until it has run',
  description: 'SCHED is cleared before the function is called.',
  on: 'machine',
  mustFind: { kind: 'race' },
  setup: scheduled,
  programs: [
    (p: Program<Cpu>, s) => {
      while ((p.memory.load(s.tasklet + Tasklet.state) & TASKLET_SCHED) !== 0) p.cpu.relax();
      p.see('runs', p.memory.read(s.runs));
    },
    idle,
  ],
});

/** Raises without taking interrupts off: what one raises between the read and the write is forgotten. */
function raiseUnguarded({ memory, area }: Cpu, bit: number): void {
  const pending = area + PerCpuLayout.softirqPending;
  const before = memory.readOwn(pending);
  // Any access: an interrupt comes in front of one.
  memory.load(area);
  memory.writeOwn(pending, before | bit);
}

const raisedUnguarded: Exploration = exploration<Ptr, Cpu>({
  name: 'softirq-raised-unguarded',
  title: 'Twin: a soft irq is raised with interrupts on',
  description:
    'The pending word is read and written back; an interrupt that raises another one in between is forgotten.',
  on: 'machine',
  mustFind: { kind: 'assertion', message: /forgotten/ },
  setup(w: World<Cpu>) {
    const ran = w.alloc(128);
    const cpu = w.cpus[1]!;
    const { memory } = cpu;
    const pending = cpu.area + PerCpuLayout.softirqPending;
    cpu.softirqHandler = () => {
      memory.write(ran, memory.read(ran) | memory.readOwn(pending));
      memory.writeOwn(pending, 0);
    };
    // Soft irqs run at the end of the program: here the handler raises only.
    cpu.setVector(FIRST_FREE_VECTOR, () => raiseUnguarded(cpu, 1 << BLOCK_SOFTIRQ));
    return ran;
  },
  programs: [
    (p: Program<Cpu>) => p.cpu.raise(1, FIRST_FREE_VECTOR),
    (p: Program<Cpu>) => {
      p.cpu.localBhDisable();
      raiseUnguarded(p.cpu, 1);
      p.cpu.localBhEnable();
    },
  ],
  after(w: World<Cpu>, ran) {
    expect(
      (w.memory.read(ran) & (1 << BLOCK_SOFTIRQ)) !== 0,
      'what the interrupt raised was forgotten',
    );
  },
});

export const bustedSoftirqs: readonly Exploration[] = [
  disabledNosync,
  killedEarly,
  raisedUnguarded,
];
