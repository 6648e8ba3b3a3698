/**
 * An alarm for a wait: wakes the task of a wait entry when its time is up. Linux: schedule_timeout(), with
 * nanoseconds and a timer that outlives a single sleep.
 */
import { CLOCK_MONOTONIC, HRTIMER_MODE_ABS, HRTIMER_NORESTART } from '@percpu/machine';
import {
  hrtimerCancel,
  hrtimerSetup,
  hrtimerStart,
  TASK_NORMAL,
  wakeUpState,
} from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { lockView } from './lock-view.ts';
import { WaitEntry } from './wait-entry.ts';

/** Kernel text; runs in a hard interrupt on the CPU of the task. */
export function waitTimedOut(cpu: Cpu, timer: Ptr): number {
  const task = cpu.memory.read(timer - WaitEntry.timer + WaitEntry.task);
  wakeUpState(cpu, task, TASK_NORMAL);
  return HRTIMER_NORESTART;
}

/** `deadline` is a time of `cpu.now()`. `stopAlarm` follows, whether it rang or not. Task context. */
export function startAlarm(cpu: Cpu, entry: Ptr, deadline: number): void {
  const timer = entry + WaitEntry.timer;
  hrtimerSetup(cpu, timer, lockView(cpu).waitTimedOut, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
  hrtimerStart(cpu, timer, deadline, HRTIMER_MODE_ABS);
}

export function stopAlarm(cpu: Cpu, entry: Ptr): void {
  hrtimerCancel(cpu, entry + WaitEntry.timer);
}
