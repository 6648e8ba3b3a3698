/** Tasklets and soft irqs: raised anywhere, run once, and never on two CPUs at once. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import { FIRST_FREE_VECTOR } from '../../interrupt-bits.ts';
import type { Sleeps } from '../../sleeps.ts';
import { attachSoftirqs } from '../../softirq/attach-softirqs.ts';
import { localSoftirqPending, openSoftirq, raiseSoftirq } from '../../softirq/softirq.ts';
import { BLOCK_SOFTIRQ } from '../../softirq/softirq-numbers.ts';
import {
  Tasklet,
  TASKLET_RUN,
  taskletDisable,
  taskletEnable,
  taskletInit,
  taskletKill,
  taskletSchedule,
} from '../../softirq/tasklet.ts';
import { countRuns, expect, SPINNING } from '../core/support.ts';

export interface Scheduled {
  readonly tasklet: Ptr;
  /** Plain: runs of its function. Two at once are a race. */
  readonly runs: Ptr;
}

/** A tasklet that nobody has scheduled yet; an interrupt schedules it on the CPU that takes it. */
function tasklet(w: World<Cpu>): Scheduled {
  const at = { tasklet: w.alloc(128), runs: w.alloc(128) };
  taskletInit(w.cpus[0]!, at.tasklet, countRuns(w, 0), at.runs);
  w.memory.describe(at.tasklet, Tasklet, 'tasklet');
  for (const cpu of w.cpus)
    cpu.setVector(FIRST_FREE_VECTOR, () => taskletSchedule(cpu, at.tasklet));
  return at;
}

/** A tasklet that CPU 1 has scheduled. */
export function scheduled(w: World<Cpu>): Scheduled {
  const at = tasklet(w);
  taskletSchedule(w.cpus[1]!, at.tasklet);
  return at;
}

/** The same on bare CPUs, which run soft irqs when the program says so. */
export function scheduledBare(w: World<Cpu>): Scheduled {
  w.cpus.forEach(attachSoftirqs);
  return scheduled(w);
}

/**
 * Runs the soft irqs of a bare CPU until none is pending. A main loop would try the tasklet over and over while it may not
 * run; this one waits for a change of what keeps it from running.
 */
export function runSoftirqs({ cpu, memory }: Program<Cpu>, s: Scheduled): void {
  for (;;) {
    cpu.softirqHandler?.();
    if (localSoftirqPending(cpu) === 0) return;
    const state = memory.load(s.tasklet + Tasklet.state);
    if ((state & TASKLET_RUN) !== 0) cpu.waitWhileEquals(s.tasklet + Tasklet.state, state);
    cpu.waitUntilEquals(s.tasklet + Tasklet.count, 0);
  }
}

/** CPU 1 has nothing to do but its soft irqs. */
export const idle = (): void => undefined;

const scheduledByTwo: Exploration = exploration<Scheduled, Cpu>({
  name: 'tasklet-scheduled-by-two',
  title: 'A tasklet that two CPUs schedule runs once or twice, never on both at once',
  description:
    'CPU 1 has scheduled the tasklet and runs it; CPU 0 schedules it too. That counts as a time of its own only when the first run has begun. With at most two preemptions.',
  on: 'cpu',
  parameters: SPINNING,
  limits: { preemptions: 2 },
  setup: scheduledBare,
  programs: [
    (p: Program<Cpu>, s) => {
      taskletSchedule(p.cpu, s.tasklet);
      runSoftirqs(p, s);
    },
    runSoftirqs,
  ],
  after(w: World<Cpu>, s) {
    w.see('runs', w.memory.read(s.runs));
    expect(w.memory.load(s.tasklet + Tasklet.state) === 0, 'it is scheduled still');
  },
  allowed: [{ runs: 1 }, { runs: 2 }],
});

const interrupted: Exploration = exploration<Scheduled, Cpu>({
  name: 'tasklet-scheduled-in-an-interrupt',
  title: 'A tasklet is not lost when an interrupt schedules it while the CPU does so itself',
  description:
    'CPU 0 interrupts CPU 1, between any two accesses of its own taskletSchedule or of the soft irq; the handler schedules the same tasklet. With at most two preemptions.',
  on: 'machine',
  limits: { preemptions: 2 },
  setup: tasklet,
  programs: [
    (p: Program<Cpu>) => p.cpu.raise(1, FIRST_FREE_VECTOR),
    (p: Program<Cpu>, s) => taskletSchedule(p.cpu, s.tasklet),
  ],
  after(w: World<Cpu>, s) {
    w.see('runs', w.memory.read(s.runs));
    expect(localSoftirqPending(w.cpus[1]!) === 0, 'the soft irq is pending still');
  },
  allowed: [{ runs: 1 }, { runs: 2 }],
});

const killed: Exploration = exploration<Scheduled, Cpu>({
  name: 'tasklet-killed',
  title: 'When taskletKill returns, the tasklet is neither scheduled nor running',
  description:
    'CPU 1 has scheduled a tasklet; CPU 0 kills it and then uses its data, plainly. With at most two preemptions.',
  on: 'machine',
  limits: { preemptions: 2 },
  setup: scheduled,
  programs: [
    function* (p: Program<Cpu>, s): Sleeps<void> {
      yield* taskletKill(p.cpu, s.tasklet);
      p.see('runs', p.memory.read(s.runs));
    },
    idle,
  ],
  allowed: [{ runs: 1 }],
});

const disabled: Exploration = exploration<Scheduled, Cpu>({
  name: 'tasklet-disabled',
  title: 'When taskletDisable returns, the tasklet does not run until it is enabled',
  description:
    'CPU 1 has scheduled a tasklet; CPU 0 disables it, uses its data, plainly, and enables it. It runs in the end. With at most two preemptions.',
  on: 'cpu',
  parameters: SPINNING,
  limits: { preemptions: 2 },
  setup: scheduledBare,
  programs: [
    (p: Program<Cpu>, s) => {
      taskletDisable(p.cpu, s.tasklet);
      p.memory.write(s.runs, p.memory.read(s.runs) + 10);
      taskletEnable(p.cpu, s.tasklet);
      p.cpu.unpark(s.tasklet + Tasklet.count);
    },
    runSoftirqs,
  ],
  after(w: World<Cpu>, s) {
    expect(w.memory.read(s.runs) === 11, `${w.memory.read(s.runs)} instead of 11`);
  },
});

const raised: Exploration = exploration<Ptr, Cpu>({
  name: 'softirq-raised-anywhere',
  title: 'A soft irq that an interrupt raises is run after it, wherever the interrupt comes',
  description:
    'CPU 1 raises a soft irq; CPU 0 interrupts it meanwhile, and the handler raises the same and takes a note. The last run sees the note. With at most two preemptions.',
  on: 'machine',
  limits: { preemptions: 2 },
  setup(w: World<Cpu>) {
    const note = w.alloc(128);
    const cpu = w.cpus[1]!;
    openSoftirq(cpu, BLOCK_SOFTIRQ, ({ memory }) => memory.write(note + 64, memory.read(note)));
    cpu.setVector(FIRST_FREE_VECTOR, () => {
      cpu.memory.write(note, 1);
      raiseSoftirq(cpu, BLOCK_SOFTIRQ);
    });
    return note;
  },
  programs: [
    (p: Program<Cpu>) => p.cpu.raise(1, FIRST_FREE_VECTOR),
    (p: Program<Cpu>) => raiseSoftirq(p.cpu, BLOCK_SOFTIRQ),
  ],
  after(w: World<Cpu>, note) {
    expect(w.memory.read(note + 64) === 1, 'no soft irq ran after the interrupt');
    expect(localSoftirqPending(w.cpus[1]!) === 0, 'it is pending still');
  },
});

export const softirqExplorations: readonly Exploration[] = [
  scheduledByTwo,
  interrupted,
  killed,
  disabled,
  raised,
];
