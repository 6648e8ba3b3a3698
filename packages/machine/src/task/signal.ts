/**
 * Signals, as far as sleeping code needs them: a word of pending bits for each task, which ends interruptible
 * sleeps, or killable ones if the signal is fatal. There are no handlers: the function that was interrupted says
 * -EINTR or -ERESTARTSYS to its caller, and the task decides what that means.
 *
 * No signal is slept over, by the same crossing as that of task-layout.ts:
 *
 *   sleeper                               sender
 *   S1 setCurrentState(interruptible)     G1 signals |= bit
 *   S3 schedule: signals pending? awake   G2 state: interruptible → running, and onwards as W3, W4
 *
 * If S3 misses G1, then S1 came before G2, which finds a sleeper. So code that sleeps has to look for signals only
 * to find out why it was woken.
 */
import type { Memory, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { Errno } from '../errno.ts';
import { currentTask } from './schedule.ts';
import { Task, TASK_WAKEKILL, TaskState } from './task-layout.ts';
import { putTaskStruct, tryGetTaskStruct } from './task-table.ts';
import { wakeUpState } from './wake-up.ts';

/** Numbers of signals. Linux: include/uapi/asm-generic/signal.h. */
export const Signal = {
  SIGHUP: 1,
  SIGINT: 2,
  /** The fatal one: ends killable sleeps too. */
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGTERM: 15,
} as const;

/** Bits of `Task.signals`. */
const LAST = 31;
const FATAL = bitOf(Signal.SIGKILL);

/** Linux: sigmask(). */
function bitOf(signal: number): number {
  return (1 << (signal - 1)) >>> 0;
}

function isSignal(signal: number): boolean {
  return Number.isInteger(signal) && signal >= 1 && signal <= LAST;
}

/**
 * Linux: send_sig(). Makes `signal` (1 to 31) pending for `task` and ends its sleep if that is interruptible, or
 * killable and the signal is SIGKILL. A kthread ignores signals that it has not allowed (`allowSignal`). Any CPU,
 * any context. Returns 0, -EINVAL when there is no such signal, -ESRCH when the task is gone. The caller
 * holds a reference to the task, or knows it to be there: a slot that was used again is another task.
 */
export function sendSignal(cpu: Cpu, task: Ptr, signal: number): number {
  if (!isSignal(signal)) return Errno.EINVAL;
  if (!tryGetTaskStruct(cpu, task)) return Errno.ESRCH;
  const bit = bitOf(signal);
  if ((cpu.memory.load(task + Task.allowedSignals) & bit) !== 0) {
    cpu.memory.fetchOr(task + Task.signals, bit); // G1: pairs with S3, the load in endsSleep
    const fatal = bit === FATAL ? TASK_WAKEKILL : 0;
    wakeUpState(cpu, task, TaskState.interruptible | fatal); // G2
  }
  putTaskStruct(cpu, task);
  return 0;
}

/** Linux: allow_signal(). The running kthread takes `signal` from now on. Other tasks take all. Task context. Returns 0 or -EINVAL. */
export function allowSignal(cpu: Cpu, signal: number): number {
  if (!isSignal(signal)) return Errno.EINVAL;
  cpu.memory.fetchOr(currentTask(cpu) + Task.allowedSignals, bitOf(signal));
  return 0;
}

/** Linux: signal_pending(). Any context. */
export function signalPending(cpu: Cpu, task: Ptr = currentTask(cpu)): boolean {
  return cpu.memory.load(task + Task.signals) !== 0;
}

/** Linux: fatal_signal_pending(). Any context. */
export function fatalSignalPending(cpu: Cpu, task: Ptr = currentTask(cpu)): boolean {
  return (cpu.memory.load(task + Task.signals) & FATAL) !== 0;
}

/**
 * Linux: signal_pending_state(), for the running task. Is a signal pending that ends a sleep in `state`? What an
 * interruptible form asks after it has failed to get what it waits for. Costs nothing for a state that no signal ends.
 */
export function signalPendingState(cpu: Cpu, state: number): boolean {
  return endsSleep(cpu.memory, currentTask(cpu), state);
}

/** Linux: flush_signals(). The running task has none pending any more. Task context. */
export function flushSignals(cpu: Cpu): void {
  cpu.memory.store(currentTask(cpu) + Task.signals, 0);
}

/** As `signalPendingState`, of any task. */
export function endsSleep(memory: Memory, task: Ptr, state: number): boolean {
  if ((state & (TaskState.interruptible | TASK_WAKEKILL)) === 0) return false;
  const pending = memory.load(task + Task.signals);
  return (state & TaskState.interruptible) !== 0 ? pending !== 0 : (pending & FATAL) !== 0;
}
