/** Sleeping for a time, or until woken. */
import { layout, memblockAlloc } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import type { Sleeps } from '../sleeps.ts';
import type { Subsystem } from '../subsystem.ts';
import {
  CLOCK_MONOTONIC,
  HRTIMER_MODE_REL,
  HRTIMER_NORESTART,
  HrTimer,
  hrtimerCancel,
  hrtimerSetup,
  hrtimerStart,
} from '../timer/hrtimer.ts';
import { checkSchedule, currentTask, schedule, setCurrentState } from './schedule.ts';
import { signalPending } from './signal.ts';
import { TASK_NORMAL, TaskState } from './task-layout.ts';
import { wakeUpState } from './wake-up.ts';

const fields = { timer: HrTimer, task: 'ptr', fired: 'u32' } as const;

/** Linux: struct hrtimer_sleeper. */
const Sleeper: Layout<Record<'timer' | 'task' | 'fired', unknown>> = layout(fields, {
  name: 'HrTimerSleeper',
  cacheAligned: true,
});

const HRTIMER_WAKEUP = 'hrtimerWakeup';

/** Sleepers of one CPU that no task uses now. Its tasks take and give them back, so there are never more than tasks. */
class FreeSleepers {
  private readonly free: Ptr[] = [];

  take(cpu: Cpu): Ptr {
    return this.free.pop() ?? memblockAlloc(cpu.memory, Sleeper.size, Sleeper.align);
  }

  give(sleeper: Ptr): void {
    this.free.push(sleeper);
  }
}

const sleepers: Subsystem<FreeSleepers> = {
  name: 'hrtimer sleepers',
  create: () => 0,
  attach: () => new FreeSleepers(),
};

/** Gives the timer function its address in kernel text. Once per CPU. */
export function defineSleepText(cpu: Cpu): void {
  cpu.text.define(HRTIMER_WAKEUP, hrtimerWakeup);
}

/** Linux: hrtimer_wakeup(). In a hard interrupt. */
function hrtimerWakeup(cpu: Cpu, timer: Ptr): number {
  const sleeper = timer - Sleeper.timer;
  cpu.memory.store(sleeper + Sleeper.fired, 1);
  wakeUpState(cpu, cpu.memory.load(sleeper + Sleeper.task), TASK_NORMAL);
  return HRTIMER_NORESTART;
}

/**
 * Linux: schedule_timeout(), in nanoseconds. As `schedule`, but a sleep ends after `ns` at the latest. The state has
 * been set before, and is running again afterwards. Returns how much was left, 0 when the time ran out. With
 * Infinity there is no timer. `blocker`: as of `schedule`.
 */
export function* scheduleTimeout(cpu: Cpu, ns: number, blocker: Ptr = 0): Sleeps<number> {
  checkSchedule(cpu);
  if (!(ns >= 0))
    throw new RangeError(`scheduleTimeout: ${ns} ns; accepted are numbers from 0, and Infinity`);
  if (ns === Infinity) {
    yield* schedule(cpu, blocker);
    setCurrentState(cpu, TaskState.running);
    return Infinity;
  }
  const { memory } = cpu;
  const free = cpu.use(sleepers);
  const sleeper = free.take(cpu);
  const timer = sleeper + Sleeper.timer;
  const end = cpu.now() + ns;
  memory.store(sleeper + Sleeper.task, currentTask(cpu));
  memory.store(sleeper + Sleeper.fired, 0);
  hrtimerSetup(cpu, timer, cpu.text.lookup(HRTIMER_WAKEUP), CLOCK_MONOTONIC, HRTIMER_MODE_REL);
  hrtimerStart(cpu, timer, Math.ceil(ns), HRTIMER_MODE_REL);
  yield* schedule(cpu, blocker);
  // Waits until the function runs nowhere: then nobody knows the sleeper any more.
  hrtimerCancel(cpu, timer);
  setCurrentState(cpu, TaskState.running);
  const fired = memory.load(sleeper + Sleeper.fired) === 1;
  free.give(sleeper);
  return fired ? 0 : Math.max(0, end - cpu.now());
}

/** Linux: schedule_timeout_interruptible(). A wake-up or a signal ends it early; nobody reports it as hung. */
export function* scheduleTimeoutInterruptible(cpu: Cpu, ns: number): Sleeps<number> {
  setCurrentState(cpu, TaskState.interruptible);
  return yield* scheduleTimeout(cpu, ns);
}

/** Linux: schedule_timeout_killable(). A wake-up or a fatal signal ends it early. */
export function* scheduleTimeoutKillable(cpu: Cpu, ns: number): Sleeps<number> {
  setCurrentState(cpu, TaskState.killable);
  return yield* scheduleTimeout(cpu, ns);
}

/** Linux: msleep_interruptible(). At least that many milliseconds, or until a signal is pending. Returns how many were left, rounded up. */
export function* msleepInterruptible(cpu: Cpu, ms: number): Sleeps<number> {
  let left = ms * 1e6;
  while (left > 0 && !signalPending(cpu)) left = yield* scheduleTimeoutInterruptible(cpu, left);
  return Math.ceil(left / 1e6);
}

/** Linux: msleep(). At least that many milliseconds, whatever wakes the task. */
export function* msleep(cpu: Cpu, ms: number): Sleeps<void> {
  let left = ms * 1e6;
  while (left > 0) {
    setCurrentState(cpu, TaskState.uninterruptible);
    left = yield* scheduleTimeout(cpu, left);
  }
}
