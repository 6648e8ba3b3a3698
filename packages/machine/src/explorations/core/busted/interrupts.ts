/** Twins of core/nested.ts, core/irq.ts and core/text.ts. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../../cpu.ts';
import { irqEnter, irqExit } from '../../../interrupts.ts';
import { PerCpuLayout } from '../../../machine-layout.ts';
import { interruptsWait, softirqWaits } from '../irq.ts';
import { nestedSleep, release, sleepInterrupted } from '../nested.ts';

const sleepUnguarded: Exploration = exploration<ReturnType<typeof nestedSleep>, Cpu>({
  name: 'sleep-unguarded',
  title: 'Twin: a CPU that is going to sleep takes interrupts',
  description:
    'The handler sleeps for another word, and takes the CPU out of the parking lot when it is done: whoever releases the first word finds nobody.',
  on: 'machine',
  mustFind: { kind: 'deadlock' },
  setup: (w: World<Cpu>) => nestedSleep(w, false),
  programs: [release, sleepInterrupted],
});

/** Clears all bits at once, and runs their handlers one after the other. */
function takeTogether(this: Cpu): void {
  const { memory, area } = this;
  if (this.irqsDisabled()) return;
  for (;;) {
    let taken = memory.exchange(area + PerCpuLayout.pending, 0);
    if (taken === 0) return;
    for (; taken !== 0; taken &= taken - 1) {
      const flags = irqEnter(this, 'hardirq');
      this.vectors[31 - Math.clz32(taken & -taken)]?.(this);
      irqExit(this, 'hardirq', flags);
    }
  }
}

const interruptsTogether: Exploration = exploration<ReturnType<typeof softirqWaits>, Cpu>({
  name: 'interrupts-taken-together',
  title: 'Twin: a CPU clears all pending interrupts at once and then runs their handlers',
  description:
    'The soft irq after the first handler waits for what the second would let happen; neither pending nor run, it never comes.',
  on: 'cpu',
  parameters: { 'spin.budget': 0 },
  mustFind: { kind: 'deadlock' },
  setup(w: World<Cpu>) {
    w.cpus[1]!.takeInterrupts = takeTogether;
    return softirqWaits(w);
  },
  programs: interruptsWait,
});

interface Line {
  readonly handler: Ptr;
  readonly running: Ptr;
  readonly data: Ptr;
}

const irqNotAwaited: Exploration = exploration<Line, Cpu>({
  name: 'irq-freed-while-it-runs',
  title: 'Twin: freeIrq does not wait for the handler',
  description: 'Whoever has freed the line uses the data while the handler is still at it.',
  on: 'cpu',
  mustFind: { kind: 'race' },
  setup(w: World<Cpu>) {
    const at = { handler: w.alloc(128), running: w.alloc(128), data: w.alloc(128) };
    w.memory.store(at.handler, 1);
    return at;
  },
  programs: [
    (p: Program<Cpu>, { handler, data }) => {
      p.memory.exchange(handler, 0);
      p.memory.write(data, 7);
    },
    (p: Program<Cpu>, { handler, running, data }) => {
      p.memory.fetchAdd(running, 1);
      if (p.memory.load(handler) !== 0) p.memory.write(data, p.memory.read(data) + 1);
      p.memory.fetchAdd(running, -1);
    },
  ],
});

export const bustedInterrupts: readonly Exploration[] = [
  sleepUnguarded,
  interruptsTogether,
  irqNotAwaited,
];
