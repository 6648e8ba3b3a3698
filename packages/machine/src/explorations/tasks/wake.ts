/** Waking tasks: no wake-up is lost, whoever comes first (task-layout.ts). */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import type { Sleeps } from '../../sleeps.ts';
import { kthreadCreateOnCpu } from '../../task/kthread.ts';
import { currentTask, schedule, setCurrentState } from '../../task/schedule.ts';
import { Task, TaskState } from '../../task/task-layout.ts';
import { taskTable, wakeListOf } from '../../task/task-table.ts';
import { takeWakeList, wakeUpProcess } from '../../task/wake-up.ts';
import { defineEverywhere, expect } from '../core/support.ts';

export interface Sleeper {
  /** The task that sleeps on CPU 0. */
  readonly task: Ptr;
  /** What it waits for: a count. */
  readonly news: Ptr;
}

export function sleeper(w: World<Cpu>): Sleeper {
  const news = w.alloc(128);
  return { task: currentTask(w.cpus[0]!), news };
}

/** S1 to S4 of task-layout.ts, until the word at `news` is `enough`. */
export function* sleepUntil(cpu: Cpu, news: Ptr, enough: number): Sleeps<void> {
  for (;;) {
    setCurrentState(cpu, TaskState.interruptible);
    if (cpu.memory.load(news) === enough) break;
    yield* schedule(cpu);
  }
  setCurrentState(cpu, TaskState.running);
}

/** W1 to W4. */
function wake(p: Program<Cpu>, { task, news }: Sleeper): void {
  p.memory.fetchAdd(news, 1);
  p.see(`woke${p.id}`, wakeUpProcess(p.cpu, task));
}

const wakeUp: Exploration = exploration<Sleeper, Cpu>({
  name: 'wake-up',
  title: 'A wake-up after the news is never slept over',
  description:
    'CPU 0 announces its sleep, looks and gives the CPU up; CPU 1 makes the news and wakes it. The waker finds it asleep, or it found the news itself.',
  on: 'cpu',
  setup: sleeper,
  programs: [
    (p: Program<Cpu>, { news }) => p.cpu.block(sleepUntil(p.cpu, news, 1)),
    (p: Program<Cpu>, s) => wake(p, s),
  ],
  allowed: [{ woke1: true }, { woke1: false }],
});

const wakeTwice: Exploration = exploration<Sleeper, Cpu>({
  name: 'wake-twice',
  title: 'Two wakers of one task: it is on the wake list at most once, and sees the news of both',
  description:
    'CPUs 1 and 2 wake the task of CPU 0, which sleeps until both have come, perhaps twice. The links of the wake list are plain: the race detector watches them.',
  on: 'cpu',
  setup: sleeper,
  limits: { preemptions: 2 },
  programs: [
    (p: Program<Cpu>, { news }) => p.cpu.block(sleepUntil(p.cpu, news, 2)),
    (p: Program<Cpu>, s) => wake(p, s),
    (p: Program<Cpu>, s) => wake(p, s),
  ],
});

interface Fresh {
  readonly tasks: readonly [Ptr, Ptr];
  readonly ran: Ptr;
}

const wakeList: Exploration = exploration<Fresh, Cpu>({
  name: 'wake-list',
  title: 'Two wakers push two tasks to one wake list while its CPU takes from it',
  description:
    'CPUs 0 and 1 wake one kthread each, both of CPU 2, which sleeps, takes all of its list at once and turns it round. Both kthreads run, once each. With at most one preemption.',
  on: 'machine',
  cpus: 3,
  limits: { preemptions: 1 },
  setup(w: World<Cpu>) {
    const ran = w.alloc(128);
    const fn = defineEverywhere(w, 'count', (cpu, at) => cpu.memory.fetchAdd(at, 1));
    const [cpu] = w.cpus as [Cpu];
    const task = (): Ptr => kthreadCreateOnCpu(cpu, 2, fn, ran, 'counter');
    return { tasks: [task(), task()], ran };
  },
  programs: [
    (p: Program<Cpu>, { tasks }) => expect(wakeUpProcess(p.cpu, tasks[0]), 'it ran already'),
    (p: Program<Cpu>, { tasks }) => expect(wakeUpProcess(p.cpu, tasks[1]), 'it ran already'),
  ],
  after(w: World<Cpu>, { ran }) {
    expect(w.memory.load(ran) === 2, `${w.memory.load(ran)} runs of two kthreads`);
  },
});

export interface Stale {
  /** A task of CPU 0 that sleeps, and is still on its wake list for the sleep before. */
  readonly task: Ptr;
  readonly list: Ptr;
  /** Plain: times that the taker found it awake. */
  readonly found: Ptr;
}

export function stale(w: World<Cpu>): Stale {
  const cpu = w.cpus[0]!;
  const { memory } = cpu;
  const table = cpu.use(taskTable);
  const fn = defineEverywhere(w, 'fn', () => 0);
  const task = kthreadCreateOnCpu(cpu, 0, fn, 0, 'sleeper');
  const list = wakeListOf(table, cpu.machine, 0);
  wakeUpProcess(cpu, task);
  memory.store(task + Task.state, TaskState.interruptible);
  return { task, list, found: w.alloc(128) };
}

/** The task has been woken: it was found, or will be at the next look (or both: it is on the run queue then). */
export function isFound(w: World<Cpu>, { list, found }: Stale): void {
  const listed = w.memory.load(list) !== 0;
  expect(listed || w.memory.read(found) !== 0, 'the task is awake, and on no list');
}

const wakeWhileTaken: Exploration = exploration<Stale, Cpu>({
  name: 'wake-while-taken',
  title: 'A wake-up that finds the task on the wake list is seen by who takes it off',
  description:
    'wakeQueued is cleared before the state is read: a waker that found 1 there has turned the state before.',
  on: 'cpu',
  setup: stale,
  programs: [
    (p: Program<Cpu>, { list, found }) =>
      takeWakeList(p.cpu, list, {
        found: () => p.memory.write(found, p.memory.read(found) + 1),
        changed: () => {},
      }),
    (p: Program<Cpu>, { task }) => {
      wakeUpProcess(p.cpu, task);
    },
  ],
  after: isFound,
});

export const wakes: readonly Exploration[] = [wakeUp, wakeTwice, wakeList, wakeWhileTaken];
