/** Timers: they run as often as they were armed, and nowhere once delTimerSync has returned. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import {
  CLOCK_MONOTONIC,
  HRTIMER_MODE_ABS,
  HRTIMER_MODE_REL,
  HRTIMER_NORESTART,
  HrTimer,
  hrtimerCancel,
  hrtimerSetup,
  hrtimerStart,
} from '../../timer/hrtimer.ts';
import { jiffies } from '../../timer/jiffies.ts';
import { delTimerSync, modTimer, TimerList, timerPending, timerSetup } from '../../timer/timer.ts';
import { busy, countRuns, expect } from '../core/support.ts';

export interface Armed {
  readonly timer: Ptr;
  /** Plain: runs of its function, behind the struct. Two runs at once are a race. */
  readonly runs: Ptr;
}

/** Behind the struct. */
const RUNS = 128;

/** A timer of CPU 1 that expires with the next jiffy. */
export function armed(w: World<Cpu>): Armed {
  const cpu = w.cpus[1]!;
  const timer = w.alloc(2 * RUNS);
  timerSetup(cpu, timer, countRuns(w, RUNS));
  w.memory.describe(timer, TimerList, 'timer');
  modTimer(cpu, timer, jiffies(cpu) + 1);
  return { timer, runs: timer + RUNS };
}

const deletedSync: Exploration = exploration<Armed, Cpu>({
  name: 'timer-deleted-sync',
  title: 'When delTimerSync returns, the function of the timer runs nowhere',
  description:
    'A timer of CPU 1 expires whenever the explorer likes; CPU 0 deletes it and then uses its data, plainly. Without preemptions but those of interrupts and time; drawn schedules have more.',
  on: 'machine',
  timeouts: true,
  limits: { preemptions: 0 },
  setup: armed,
  programs: [
    (p: Program<Cpu>, { timer, runs }) => {
      p.see('pending', delTimerSync(p.cpu, timer));
      p.see('runs', p.memory.read(runs));
    },
    busy,
  ],
  allowed: [
    { pending: 1, runs: 0 },
    { pending: 0, runs: 1 },
  ],
});

const modified: Exploration = exploration<Armed, Cpu>({
  name: 'timer-modified',
  title:
    'A timer that another CPU arms anew runs once for each time it was found idle, never twice at once',
  description:
    'CPU 0 arms the timer of CPU 1, which is pending, about to run, running or over: it moves to CPU 0, or stays where it runs. Without preemptions but those of interrupts and time, and not all: too many for that.',
  on: 'machine',
  timeouts: true,
  limits: { preemptions: 0, schedules: 300 },
  setup: armed,
  programs: [
    (p: Program<Cpu>, { timer }) => {
      p.see('pending', modTimer(p.cpu, timer, 2));
    },
    busy,
  ],
  after(w: World<Cpu>, { timer, runs }) {
    const left = timerPending(w.cpus[0]!, timer) ? 1 : 0;
    const times = w.seen.pending === 1 ? 1 : 2;
    expect(
      w.memory.read(runs) + left === times,
      `armed ${times} times, ${w.memory.read(runs)} runs, ${left} to come`,
    );
  },
});

/** An hrtimer of CPU 1. */
export function started(w: World<Cpu>): Armed {
  const cpu = w.cpus[1]!;
  const timer = w.alloc(2 * RUNS);
  const fn = countRuns(w, RUNS, HRTIMER_NORESTART);
  hrtimerSetup(cpu, timer, fn, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
  w.memory.describe(timer, HrTimer, 'hrtimer');
  hrtimerStart(cpu, timer, 1000, HRTIMER_MODE_REL);
  return { timer, runs: timer + RUNS };
}

const hrtimerCancelled: Exploration = exploration<Armed, Cpu>({
  name: 'hrtimer-cancelled',
  title: 'When hrtimerCancel returns, the function of the timer runs nowhere',
  description:
    'As timer-deleted-sync, in the hard interrupt of CPU 1. Without preemptions but those of interrupts and time; drawn schedules have more.',
  on: 'machine',
  timeouts: true,
  limits: { preemptions: 0 },
  setup: started,
  programs: [
    (p: Program<Cpu>, { timer, runs }) => {
      p.see('active', hrtimerCancel(p.cpu, timer));
      p.see('runs', p.memory.read(runs));
    },
    busy,
  ],
  allowed: [
    { active: 1, runs: 0 },
    { active: 0, runs: 1 },
  ],
});

export const timerExplorations: readonly Exploration[] = [deletedSync, modified, hrtimerCancelled];
