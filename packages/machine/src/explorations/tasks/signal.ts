/** Signals: none is slept over (signal.ts of task/), and none ends a sleep that it must not. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '../../cpu.ts';
import type { Sleeps } from '../../sleeps.ts';
import { currentTask, schedule, setCurrentState } from '../../task/schedule.ts';
import { scheduleTimeoutInterruptible } from '../../task/schedule-timeout.ts';
import {
  fatalSignalPending,
  flushSignals,
  sendSignal,
  Signal,
  signalPending,
} from '../../task/signal.ts';
import { TaskState } from '../../task/task-layout.ts';
import type { TaskStateCode } from '../../task/task-layout.ts';
import { wakeUpProcess } from '../../task/wake-up.ts';
import { expect } from '../core/support.ts';
import { sleeper, sleepUntil } from './wake.ts';
import type { Sleeper } from './wake.ts';

/** One sleep, without a look at anything: the scheduler has to see the signal. */
export function* sleepForSignal(cpu: Cpu, state: TaskStateCode): Sleeps<void> {
  setCurrentState(cpu, state);
  yield* schedule(cpu);
}

const sends =
  (...signals: readonly number[]) =>
  (p: Program<Cpu>, { task }: Sleeper): void => {
    for (const signal of signals) sendSignal(p.cpu, task, signal);
  };

const signalWakes: Exploration = exploration<Sleeper, Cpu>({
  name: 'signal-ends-interruptible-sleep',
  title: 'A signal is never slept over',
  description: 'CPU 0 sleeps without looking for signals, CPU 1 sends one.',
  on: 'cpu',
  setup: sleeper,
  programs: [
    (p: Program<Cpu>) => {
      p.cpu.block(sleepForSignal(p.cpu, TaskState.interruptible));
      expect(signalPending(p.cpu), 'woken without a signal');
      flushSignals(p.cpu);
      expect(!signalPending(p.cpu), 'pending after the flush');
    },
    sends(Signal.SIGINT),
  ],
});

const signalKills: Exploration = exploration<Sleeper, Cpu>({
  name: 'signal-ends-killable-sleep',
  title: 'A killable sleep ends with a fatal signal, and with no other',
  description: 'CPU 1 sends SIGINT, then SIGKILL. Whoever wakes finds the second.',
  on: 'cpu',
  setup: sleeper,
  programs: [
    (p: Program<Cpu>) => {
      p.cpu.block(sleepForSignal(p.cpu, TaskState.killable));
      expect(fatalSignalPending(p.cpu), 'woken without a fatal signal');
    },
    sends(Signal.SIGINT, Signal.SIGKILL),
  ],
});

const signalLeaves: Exploration = exploration<Sleeper, Cpu>({
  name: 'signal-leaves-uninterruptible-sleep',
  title: 'No signal ends an uninterruptible sleep',
  description: 'CPU 1 sends SIGKILL, then makes the news and wakes: the sleeper finds the news.',
  on: 'cpu',
  setup: sleeper,
  programs: [
    (p: Program<Cpu>, { news }) => {
      p.cpu.block(
        (function* (): Sleeps<void> {
          setCurrentState(p.cpu, TaskState.uninterruptible);
          if (p.memory.load(news) === 0) yield* schedule(p.cpu);
          setCurrentState(p.cpu, TaskState.running);
        })(),
      );
      expect(p.memory.load(news) === 1, 'woken without news');
    },
    (p: Program<Cpu>, { task, news }) => {
      sendSignal(p.cpu, task, Signal.SIGKILL);
      p.memory.store(news, 1);
      wakeUpProcess(p.cpu, task);
    },
  ],
});

const signalAndWakeUp: Exploration = exploration<Sleeper, Cpu>({
  name: 'signal-and-wake-up',
  title: 'A signal and a wake-up for the same sleep: neither is lost (2 preemptions)',
  description:
    'CPU 1 sends a signal, CPU 2 makes news and wakes. CPU 0 sleeps for a signal, then for the news.',
  on: 'cpu',
  setup: sleeper,
  limits: { preemptions: 2 },
  programs: [
    (p: Program<Cpu>, { news }) => {
      p.cpu.block(
        (function* (): Sleeps<void> {
          while (!signalPending(p.cpu)) yield* sleepForSignal(p.cpu, TaskState.interruptible);
          flushSignals(p.cpu);
          yield* sleepUntil(p.cpu, news, 1);
        })(),
      );
    },
    sends(Signal.SIGINT),
    (p: Program<Cpu>, { task, news }) => {
      p.memory.store(news, 1);
      wakeUpProcess(p.cpu, task);
    },
  ],
});

const signalAndTimeout: Exploration = exploration<Sleeper, Cpu>({
  name: 'signal-and-timeout',
  title: 'An interruptible sleep with a limit ends by the signal or by the clock',
  description: 'Whatever was first, the timer is gone afterwards.',
  on: 'machine',
  timeouts: true,
  setup: (w: World<Cpu>) => ({ task: 0, news: w.alloc(128) }),
  programs: [
    function* (p: Program<Cpu>, { news }): Sleeps<void> {
      p.memory.store(news, currentTask(p.cpu));
      const left = yield* scheduleTimeoutInterruptible(p.cpu, 1000);
      p.see('signal', signalPending(p.cpu));
      expect(left === 0 || signalPending(p.cpu), 'woken early without a signal');
    },
    (p: Program<Cpu>, { news }) => {
      const task = p.memory.load(news);
      if (task !== 0) sendSignal(p.cpu, task, Signal.SIGINT);
    },
  ],
  allowed: [{ signal: true }, { signal: false }],
});

export const signals: readonly Exploration[] = [
  signalWakes,
  signalKills,
  signalLeaves,
  signalAndWakeUp,
  signalAndTimeout,
];
