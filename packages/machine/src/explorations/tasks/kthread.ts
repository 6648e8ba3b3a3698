/** Kernel threads: created here, run there, parked and stopped; and the slots they live in. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import { Errno } from '../../errno.ts';
import type { Sleeps } from '../../sleeps.ts';
import { waitForEvent } from '../../task/event.ts';
import {
  kthreadCreateOnCpu,
  kthreadPark,
  kthreadParkme,
  kthreadShouldPark,
  kthreadShouldStop,
  kthreadStop,
  kthreadUnpark,
  waitForTask,
} from '../../task/kthread.ts';
import { schedule, setCurrentState } from '../../task/schedule.ts';
import { Task, TaskState } from '../../task/task-layout.ts';
import { getTaskStruct, putTaskStruct, tryGetTaskStruct } from '../../task/task-table.ts';
import { signalEvent } from '../../task/waiters.ts';
import { wakeUpProcess } from '../../task/wake-up.ts';
import { defineEverywhere, expect } from '../core/support.ts';

export interface Kthread {
  readonly task: Ptr;
  /** Plain. */
  readonly data: Ptr;
}

/** A kthread of CPU 1 that nobody has woken yet. */
export function kthread(w: World<Cpu>, fn: (cpu: Cpu, data: number) => unknown): Kthread {
  const data = w.alloc(128);
  const at = defineEverywhere(w, 'fn', fn);
  return { task: kthreadCreateOnCpu(w.cpus[0]!, 1, at, data, 'kthread'), data };
}

const kthreadExit: Exploration = exploration<Kthread, Cpu>({
  name: 'kthread-exit',
  title: 'Who waits for the end of a kthread sees what it did, and its exit code',
  description:
    'CPU 0 wakes a kthread of CPU 1 and waits for it. A reference keeps the task struct for as long. With at most two preemptions.',
  on: 'machine',
  cpus: 2,
  limits: { preemptions: 2 },
  setup: (w: World<Cpu>) =>
    kthread(w, ({ memory }, data) => {
      memory.write(data, 1);
      return 5;
    }),
  programs: [
    function* (p: Program<Cpu>, { task, data }): Sleeps<void> {
      getTaskStruct(p.cpu, task);
      wakeUpProcess(p.cpu, task);
      p.see('code', yield* waitForTask(p.cpu, task));
      p.see('data', p.memory.read(data));
      putTaskStruct(p.cpu, task);
    },
  ],
  after(w: World<Cpu>, { task }) {
    expect(w.memory.load(task + Task.state) === TaskState.free, 'the slot is not free');
  },
  allowed: [{ code: 5, data: 1 }],
});

/** Sleeps until it is stopped, and parks when it should. Counts its turns, plainly. */
export function* obedient(cpu: Cpu, data: number): Sleeps<number> {
  for (;;) {
    if (kthreadShouldPark(cpu)) yield* kthreadParkme(cpu);
    cpu.memory.write(data, cpu.memory.read(data) + 1);
    setCurrentState(cpu, TaskState.interruptible);
    if (kthreadShouldStop(cpu)) break;
    if (!kthreadShouldPark(cpu)) yield* schedule(cpu);
    setCurrentState(cpu, TaskState.running);
  }
  setCurrentState(cpu, TaskState.running);
  return 5;
}

const kthreadStopped: Exploration = exploration<Kthread, Cpu>({
  name: 'kthread-stopped',
  title: 'A kthread that is stopped ends, wherever it is',
  description:
    'It runs, sleeps, or has not had its first turn: then its function is never called and its exit code is -EINTR.',
  on: 'machine',
  cpus: 2,
  limits: { preemptions: 2 },
  setup: (w: World<Cpu>) => kthread(w, obedient),
  programs: [
    function* (p: Program<Cpu>, { task }): Sleeps<void> {
      wakeUpProcess(p.cpu, task);
      p.see('code', yield* kthreadStop(p.cpu, task));
    },
  ],
  allowed: [{ code: 5 }, { code: Errno.EINTR }],
});

const kthreadParked: Exploration = exploration<Kthread, Cpu>({
  name: 'kthread-parked',
  title: 'A parked kthread does nothing until it is unparked',
  description:
    'CPU 0 parks a kthread of CPU 1 and then uses its data, plainly; it unparks and stops it. With at most one preemption.',
  on: 'machine',
  cpus: 2,
  limits: { preemptions: 1 },
  setup: (w: World<Cpu>) => kthread(w, obedient),
  programs: [
    function* (p: Program<Cpu>, { task, data }): Sleeps<void> {
      wakeUpProcess(p.cpu, task);
      expect((yield* kthreadPark(p.cpu, task)) === 0, 'it did not park');
      p.memory.write(data, p.memory.read(data) + 1);
      kthreadUnpark(p.cpu, task);
      expect((yield* kthreadStop(p.cpu, task)) === 5, 'it did not end of itself');
    },
  ],
});

const taskReferences: Exploration = exploration<Kthread, Cpu>({
  name: 'task-references',
  title: 'A task struct is freed with its last reference, and once',
  description:
    'CPUs 0 and 1 give a reference back each, while CPU 2 tries to get one: it gets it while there is one, or is told that the task is gone.',
  on: 'cpu',
  setup(w: World<Cpu>) {
    const at = kthread(w, () => 0);
    getTaskStruct(w.cpus[0]!, at.task);
    return at;
  },
  programs: [
    (p: Program<Cpu>, { task }) => putTaskStruct(p.cpu, task),
    (p: Program<Cpu>, { task }) => putTaskStruct(p.cpu, task),
    (p: Program<Cpu>, { task }) => {
      const got = tryGetTaskStruct(p.cpu, task);
      p.see('got', got);
      if (!got) return;
      expect(p.memory.load(task + Task.state) !== TaskState.free, 'a reference to a free slot');
      putTaskStruct(p.cpu, task);
    },
  ],
  after(w: World<Cpu>, { task }) {
    expect(w.memory.load(task + Task.state) === TaskState.free, 'the slot is not free');
  },
  allowed: [{ got: true }, { got: false }],
});

const taskSlots: Exploration = exploration<undefined, Cpu>({
  name: 'task-slots',
  title: 'Two CPUs that create tasks get a slot each, while a third gives one back',
  description:
    'Two slots are free and one becomes free: whoever gets the one that was given back finds that its last user is through with it.',
  on: 'cpu',
  cpus: 3,
  parameters: { 'tasks.max': 5 },
  setup(w: World<Cpu>) {
    const fn = defineEverywhere(w, 'fn', () => 0);
    return kthreadCreateOnCpu(w.cpus[0]!, 0, fn, 0, 'first') as never;
  },
  programs: [
    (p: Program<Cpu>, first: unknown) => putTaskStruct(p.cpu, first as Ptr),
    (p: Program<Cpu>) => {
      p.see('one', kthreadCreateOnCpu(p.cpu, 1, p.cpu.text.lookup('fn'), 1, 'one'));
    },
    (p: Program<Cpu>) => {
      p.see('two', kthreadCreateOnCpu(p.cpu, 2, p.cpu.text.lookup('fn'), 2, 'two'));
    },
  ],
  after(w: World<Cpu>) {
    const { one, two } = w.seen as { one: number; two: number };
    expect(one > 0 || two > 0, 'a slot was free');
    expect(one !== two, 'one slot for two tasks');
    if (one > 0) expect(w.memory.read(one + Task.data) === 1, 'not what CPU 1 wrote');
    if (two > 0) expect(w.memory.read(two + Task.data) === 2, 'not what CPU 2 wrote');
  },
});

interface Tenants {
  readonly event: Ptr;
  /** Runs of the first tenant and of the second. */
  readonly first: Ptr;
  readonly second: Ptr;
  readonly task: Ptr;
}

const taskSlotReused: Exploration = exploration<Tenants, Cpu>({
  name: 'task-slot-reused',
  title: 'A wake-up that comes late does no harm to the next task of the slot',
  description:
    'CPU 1 releases a kthread of CPU 0 that waits for an event. The kthread may see that, run, end and leave its slot to another one before the waker has done: ' +
    'the wake-up then goes to a task struct that lives anew. Both kthreads run once. With at most three preemptions.',
  on: 'machine',
  // Two swappers, the two programs, and one.
  parameters: { 'tasks.max': 5 },
  limits: { preemptions: 3 },
  setup(w: World<Cpu>) {
    const [cpu] = w.cpus as [Cpu];
    const at = { event: w.alloc(128), first: w.alloc(128), second: w.alloc(128) };
    const waits = defineEverywhere(w, 'waits', function* (on: Cpu): Sleeps<void> {
      yield* waitForEvent(on, at.event);
      on.memory.fetchAdd(at.first, 1);
    });
    defineEverywhere(w, 'counts', (on) => on.memory.fetchAdd(at.second, 1));
    const task = kthreadCreateOnCpu(cpu, 0, waits, 0, 'first');
    getTaskStruct(cpu, task);
    wakeUpProcess(cpu, task);
    return { ...at, task };
  },
  programs: [
    function* (p: Program<Cpu>, { task }): Sleeps<void> {
      yield* waitForTask(p.cpu, task);
      putTaskStruct(p.cpu, task);
      const next = kthreadCreateOnCpu(p.cpu, 0, p.cpu.text.lookup('counts'), 0, 'second');
      expect(next === task, 'another slot was free');
      getTaskStruct(p.cpu, next);
      wakeUpProcess(p.cpu, next);
      yield* waitForTask(p.cpu, next);
      putTaskStruct(p.cpu, next);
    },
    (p: Program<Cpu>, { event }) => signalEvent(p.cpu, event),
  ],
  after(w: World<Cpu>, { first, second }) {
    const runs = `${w.memory.load(first)} ${w.memory.load(second)}`;
    expect(runs === '1 1', `they ran ${runs} times`);
  },
});

export const kthreads: readonly Exploration[] = [
  kthreadExit,
  kthreadStopped,
  kthreadParked,
  taskReferences,
  taskSlots,
  taskSlotReused,
];
