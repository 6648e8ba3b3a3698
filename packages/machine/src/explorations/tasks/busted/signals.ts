/** Twins of signal.ts: signals that are slept over. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program } from '@percpu/experiment';
import type { Cpu } from '../../../cpu.ts';
import type { Sleeps } from '../../../sleeps.ts';
import { schedule, setCurrentState } from '../../../task/schedule.ts';
import { flushSignals, sendSignal, Signal } from '../../../task/signal.ts';
import { Task, TaskState } from '../../../task/task-layout.ts';
import type { TaskStateCode } from '../../../task/task-layout.ts';
import { wakeUpState } from '../../../task/wake-up.ts';
import { sleepForSignal } from '../signal.ts';
import { sleeper } from '../wake.ts';
import type { Sleeper } from '../wake.ts';

const KILL = (1 << (Signal.SIGKILL - 1)) >>> 0;

function twin(
  name: string,
  title: string,
  description: string,
  sleeps: (cpu: Cpu) => Sleeps<void>,
  sends: (p: Program<Cpu>, s: Sleeper) => void,
): Exploration {
  return exploration<Sleeper, Cpu>({
    name,
    title: `Twin: ${title}`,
    description,
    on: 'cpu',
    mustFind: { kind: 'deadlock' },
    setup: sleeper,
    programs: [(p: Program<Cpu>) => p.cpu.block(sleeps(p.cpu)), sends],
  });
}

const asleep =
  (state: TaskStateCode) =>
  (cpu: Cpu): Sleeps<void> =>
    sleepForSignal(cpu, state);

export const bustedSignals: readonly Exploration[] = [
  twin(
    'signal-wakes-before-bit',
    'a task is woken before its signal is pending',
    'It is still running, or sleeps again: G1 and G2 of signal.ts the wrong way round.',
    asleep(TaskState.interruptible),
    (p, { task }) => {
      wakeUpState(p.cpu, task, TaskState.interruptible);
      p.memory.fetchOr(task + Task.signals, KILL);
    },
  ),
  twin(
    'signal-forgets-killable',
    'a fatal signal wakes interruptible sleepers only',
    'Right for those that fall asleep afterwards, for the scheduler looks.',
    asleep(TaskState.killable),
    (p, { task }) => {
      p.memory.fetchOr(task + Task.signals, KILL);
      wakeUpState(p.cpu, task, TaskState.interruptible);
    },
  ),
  twin(
    'signal-flushed-before-sleep',
    'a task flushes its signals on the way to sleep',
    'The signal that has come meanwhile was the one to wait for.',
    function* (cpu) {
      setCurrentState(cpu, TaskState.interruptible);
      flushSignals(cpu);
      yield* schedule(cpu);
    },
    (p, { task }) => {
      sendSignal(p.cpu, task, Signal.SIGINT);
    },
  ),
];
