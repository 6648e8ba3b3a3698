/** The scheduler of one CPU, with interrupts between any two accesses. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import { FIRST_FREE_VECTOR } from '../../interrupt-bits.ts';
import type { Sleeps } from '../../sleeps.ts';
import { kthreadCreateOnCpu } from '../../task/kthread.ts';
import { currentTask } from '../../task/schedule.ts';
import { TaskClass } from '../../task/task-layout.ts';
import { wakeUpProcess } from '../../task/wake-up.ts';
import { defineEverywhere, expect } from '../core/support.ts';
import { sleepUntil } from './wake.ts';

export interface Scheduled {
  /** A real-time kthread of CPU 0 that adds to `ran`. */
  readonly urgent: Ptr;
  readonly ran: Ptr;
  /** Counts what the plain caller waits for; `task`: who that is. */
  readonly news: Ptr;
  readonly task: Ptr;
}

function scheduled(w: World<Cpu>): Scheduled {
  const ran = w.alloc(128);
  const fn = defineEverywhere(w, 'urgent', (cpu, at) => cpu.memory.fetchAdd(at, 1));
  return {
    urgent: kthreadCreateOnCpu(w.cpus[1]!, 0, fn, ran, 'urgent', { class: TaskClass.realtime }),
    ran,
    news: w.alloc(128),
    task: w.alloc(128),
  };
}

const preempts: Exploration = exploration<Scheduled, Cpu>({
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

/** With a hook on CPU 0 that an interrupt may find it in. */
export function blocking(w: World<Cpu>): Scheduled {
  const s = scheduled(w);
  const seen = w.alloc(128);
  const { onIdleEnter } = w.cpus[0]!.scheduler.hooks;
  onIdleEnter[onIdleEnter.length] = ({ memory }): void => memory.store(seen, 1);
  return s;
}

type Code = (p: Program<Cpu>, s: Scheduled) => void;

export const blockedAndWoken: readonly [Code, Code] = [
  (p, { news, task }) => {
    p.memory.store(task, currentTask(p.cpu));
    p.cpu.block(sleepUntil(p.cpu, news, 1));
  },
  (p, { news, task, urgent }) => {
    p.memory.store(news, 1);
    const sleeping = p.memory.load(task);
    if (sleeping !== 0) wakeUpProcess(p.cpu, sleeping);
    wakeUpProcess(p.cpu, urgent);
  },
];

const blockWakes: Exploration = exploration<Scheduled, Cpu>({
  name: 'block-wakes',
  title: 'A plain caller that blocks is woken, also when its wake-up is taken by a preemption',
  description:
    'CPU 0 blocks; CPU 1 wakes it and then a real-time kthread of CPU 0, whose interrupt may find the caller anywhere on its way to sleep: ' +
    'in a hook that is told of idling, for instance. What runs the kthread then empties the wake list. With at most one preemption.',
  on: 'machine',
  limits: { preemptions: 1 },
  setup: blocking,
  programs: blockedAndWoken,
});

interface Interrupted {
  readonly news: Ptr;
  readonly task: Ptr;
}

/** On CPU 0 an interrupt makes the news and wakes the task. */
function wakesByInterrupt(w: World<Cpu>): Interrupted {
  const at = { news: w.alloc(128), task: w.alloc(128) };
  w.cpus[0]!.setVector(FIRST_FREE_VECTOR, (cpu) => {
    cpu.memory.store(at.news, 1);
    const task = cpu.memory.load(at.task);
    if (task !== 0) wakeUpProcess(cpu, task);
  });
  return at;
}

function interruptCpu0(p: Program<Cpu>): void {
  p.cpu.raise(0, FIRST_FREE_VECTOR);
}

const wakeByInterrupt: Exploration = exploration<Interrupted, Cpu>({
  name: 'wake-by-interrupt',
  title: 'A task is woken by an interrupt on its own CPU, wherever that is on its way to sleep',
  description:
    'The interrupt may come between the last look at the wake list and the sleep: the kick of the own CPU is what ends that.',
  on: 'machine',
  setup: wakesByInterrupt,
  programs: [
    function* (p: Program<Cpu>, { news, task }): Sleeps<void> {
      p.memory.store(task, currentTask(p.cpu));
      yield* sleepUntil(p.cpu, news, 1);
    },
    interruptCpu0,
  ],
});

const blockWokenByInterrupt: Exploration = exploration<Interrupted, Cpu>({
  name: 'block-woken-by-interrupt',
  title: 'A plain caller that blocks is woken by an interrupt on its own CPU',
  description: 'As wake-by-interrupt, with a caller that is on no run queue.',
  on: 'machine',
  setup: wakesByInterrupt,
  programs: [
    (p: Program<Cpu>, { news, task }) => {
      p.memory.store(task, currentTask(p.cpu));
      p.cpu.block(sleepUntil(p.cpu, news, 1));
    },
    interruptCpu0,
  ],
});

export const scheduling: readonly Exploration[] = [
  preempts,
  blockWakes,
  wakeByInterrupt,
  blockWokenByInterrupt,
];
