/** Tasks with priorities, on a CPU each, and two rt-mutexes. */
import type { Program, World } from '@percpu/experiment';
import {
  currentTask,
  DEFAULT_PRIO,
  MAX_RT_PRIO,
  schedSetFifo,
  Task,
  taskPrio,
  TaskState,
} from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { lockView } from '../../lock-view.ts';
import {
  RtMutex,
  rtMutexInit,
  rtMutexIsLocked,
  rtMutexUnlock,
} from '../../sleeping/rt-mutex/index.ts';
import { rtMutexLock } from '../../sleeping/rt-mutex/index.ts';
import { rtMutexWaiters } from '../../sleeping/rt-mutex/waiter.ts';

const fields = {
  /** Plain, guarded by the first lock. */
  entered: 'u32',
  /** Atomic: the task of each CPU, 0 before it asks for a lock. */
  tasks0: 'u32',
  tasks1: 'u32',
  tasks2: 'u32',
  /** Atomic: how far the story is. */
  stage: 'u32',
} as const;

const Story: Layout<typeof fields> = layout(fields, { name: 'Story' });

export interface RtState {
  readonly one: Ptr;
  readonly two: Ptr;
  readonly story: Ptr;
}

/** How a lock is taken and given back: twins have theirs. */
export interface RtLock {
  readonly lock: (cpu: Cpu, at: Ptr) => Sleeps<unknown>;
  readonly unlock: (cpu: Cpu, at: Ptr) => void;
}

export const rtMutex: RtLock = Object.freeze({ lock: rtMutexLock, unlock: rtMutexUnlock });

export function setup({ cpus, alloc, memory }: World<Cpu>): RtState {
  const state = { one: alloc(RtMutex.size), two: alloc(RtMutex.size), story: alloc(Story.size) };
  rtMutexInit(cpus[0]!, state.one);
  rtMutexInit(cpus[0]!, state.two);
  memory.describe(state.story, Story);
  // The first look of a CPU takes the boot lock, and its first waiter memory: not what is explored.
  for (const cpu of cpus) {
    lockView(cpu);
    const waiters = cpu.use(rtMutexWaiters);
    waiters.give(waiters.take(cpu));
  }
  return state;
}

/** The running task gets this priority (0: a normal task), and is known to the others. */
export function begin(
  { cpu, id, memory }: Program<Cpu>,
  { story }: RtState,
  rtPriority: number,
): void {
  if (rtPriority !== 0) schedSetFifo(cpu, rtPriority);
  memory.store(story + Story.tasks0 + 4 * id, currentTask(cpu));
}

/** Waits, awake, until the task of CPU `id` sleeps for a lock. */
export function untilAsleep({ cpu, memory }: Program<Cpu>, { story }: RtState, id: number): void {
  const known = story + Story.tasks0 + 4 * id;
  while (memory.load(known) === 0) cpu.relax();
  const task = memory.load(known);
  while (memory.load(task + Task.state) === TaskState.running) cpu.relax();
}

/** Waits, awake, until the running task has been lent this priority. */
export function untilLent({ cpu }: Program<Cpu>, rtPriority: number): void {
  while (taskPrio(cpu, currentTask(cpu)) !== prioOf(rtPriority)) cpu.relax();
}

export function reach({ memory }: Program<Cpu>, { story }: RtState, stage: number): void {
  memory.store(story + Story.stage, stage);
}

export function untilStage({ cpu, memory }: Program<Cpu>, { story }: RtState, stage: number): void {
  while (memory.load(story + Story.stage) < stage) cpu.relax();
}

/** Under the first lock: the place of the caller among those who were here. */
export function enter({ memory }: Program<Cpu>, { story }: RtState): number {
  const place = memory.read(story + Story.entered) + 1;
  memory.write(story + Story.entered, place);
  return place;
}

/** The running task has this priority and no other. */
export function expectPrio({ cpu }: Program<Cpu>, rtPriority: number): void {
  const prio = taskPrio(cpu, currentTask(cpu));
  if (prio !== prioOf(rtPriority))
    throw new Error(`the task has priority ${prio}, and not ${prioOf(rtPriority)}`);
}

function prioOf(rtPriority: number): number {
  return rtPriority === 0 ? DEFAULT_PRIO : MAX_RT_PRIO - rtPriority;
}

/** For `after`: nobody holds either lock, and so many were inside. */
export function expectOver({ cpus, memory }: World<Cpu>, state: RtState, entered: number): void {
  for (const at of [state.one, state.two]) {
    if (rtMutexIsLocked(cpus[0]!, at)) throw new Error('an rt-mutex is held, but by nobody');
    if (memory.load(at + RtMutex.owner) !== 0)
      throw new Error('nobody waits, but the fast paths are off');
  }
  const found = memory.read(state.story + Story.entered);
  if (found !== entered) throw new Error(`${entered} sections under the lock gave ${found}`);
}
