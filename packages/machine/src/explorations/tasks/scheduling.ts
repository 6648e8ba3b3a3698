/** The scheduler of one CPU, with interrupts between any two accesses. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import { kthreadCreateOnCpu } from '../../task/kthread.ts';
import { currentTask } from '../../task/schedule.ts';
import { TaskClass } from '../../task/task-layout.ts';
import { wakeUpProcess } from '../../task/wake-up.ts';
import { defineEverywhere, expect } from '../core/support.ts';
import { sleepUntil } from './wake.ts';

interface Scheduled {
  /** A real-time kthread of CPU 0 that adds to `ran`. */
  readonly urgent: Ptr;
  readonly ran: Ptr;
  /** Counts what the plain caller waits for; `task`: who that is. */
  readonly news: Ptr;
  readonly task: Ptr;
}

export function scheduled(w: World<Cpu>): Scheduled {
  const ran = w.alloc(128);
  const fn = defineEverywhere(w, 'urgent', (cpu, at) => cpu.memory.fetchAdd(at, 1));
  return {
    urgent: kthreadCreateOnCpu(w.cpus[1]!, 0, fn, ran, 'urgent', { class: TaskClass.realtime }),
    ran,
    news: w.alloc(128),
    task: w.alloc(128),
  };
}

export const preempts: Exploration = exploration<Scheduled, Cpu>({
  name: 'preempts',
  title: 'A task of a better class runs on top of one that never gives its CPU up',
  description: 'CPU 0 spins until the real-time kthread that CPU 1 wakes has run.',
  on: 'machine',
  limits: { preemptions: 2 },
  setup: scheduled,
  programs: [
    (p: Program<Cpu>, { ran }) => {
      while (p.memory.load(ran) === 0) p.cpu.relax();
    },
    (p: Program<Cpu>, { urgent }) => {
      wakeUpProcess(p.cpu, urgent);
    },
  ],
  after(w: World<Cpu>, { ran }) {
    expect(w.memory.load(ran) === 1, 'it ran twice');
  },
});

export const blockWakes: Exploration = exploration<Scheduled, Cpu>({
  name: 'block-wakes',
  title: 'A plain caller that blocks is woken, also when its wake-up is taken by a preemption',
  description:
    'CPU 0 blocks; CPU 1 wakes it and then a real-time kthread of CPU 0, whose interrupt may find the caller anywhere on its way to sleep: ' +
    'in a hook that is told of idling, for instance. What runs the kthread then empties the wake list. With at most one preemption.',
  on: 'machine',
  limits: { preemptions: 1 },
  setup(w: World<Cpu>) {
    const s = scheduled(w);
    const [cpu] = w.cpus as [Cpu];
    const seen = w.alloc(128);
    const { onIdleEnter } = cpu.scheduler.hooks;
    onIdleEnter[onIdleEnter.length] = ({ memory }): void => memory.store(seen, 1);
    return s;
  },
  programs: [
    (p: Program<Cpu>, { news, task }) => {
      p.memory.store(task, currentTask(p.cpu));
      p.cpu.block(sleepUntil(p.cpu, news, 1));
    },
    (p: Program<Cpu>, { news, task, urgent }) => {
      p.memory.store(news, 1);
      const sleeping = p.memory.load(task);
      if (sleeping !== 0) wakeUpProcess(p.cpu, sleeping);
      wakeUpProcess(p.cpu, urgent);
    },
  ],
});

export const scheduling: readonly Exploration[] = [preempts, blockWakes];
