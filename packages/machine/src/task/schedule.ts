/** What a task calls to give its CPU up. The states and the pattern: task-layout.ts. */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { oops } from '../fault.ts';
import { describeLocks, readHeldLocks } from '../held-locks.ts';
import { PerCpuLayout } from '../machine-layout.ts';
import { readString } from '../shared-string.ts';
import type { Sleeps } from '../sleeps.ts';
import { Task } from './task-layout.ts';
import type { TaskStateCode } from './task-layout.ts';

/** Linux: current. The task struct of the running task; in the idle loop and for plain callers that of swapper/N. Any context. */
export function currentTask(cpu: Cpu): Ptr {
  return cpu.memory.readOwn(cpu.area + PerCpuLayout.currentTask);
}

/**
 * Linux: set_current_state(). Announces a sleep, or that it is over. Between announcing and `schedule`
 * comes the look at what one waits for. Task context.
 */
export function setCurrentState(cpu: Cpu, state: TaskStateCode): void {
  // S1: pairs with the compare-exchange of the waker.
  cpu.memory.store(currentTask(cpu) + Task.state, state);
}

/**
 * Linux: schedule(). Gives the CPU to others: until a wake-up if a sleep was announced by
 * `setCurrentState`, else until its next turn. Task context, preemption and interrupts on; otherwise
 * "BUG: scheduling while atomic". `blocker`: the address of what it sleeps for, for reports.
 */
export function* schedule(cpu: Cpu, blocker: Ptr = 0): Sleeps<void> {
  checkSchedule(cpu);
  cpu.memory.writeOwn(currentTask(cpu) + Task.blocker, blocker);
  yield;
}

/**
 * Linux: cond_resched(). Gives others a turn if there are any. For long loops of tasks. Returns whether it
 * did. Same context as `schedule`.
 */
export function* condResched(cpu: Cpu): Sleeps<boolean> {
  checkSchedule(cpu);
  cpu.takeInterrupts();
  if (!cpu.scheduler.shouldYield()) return false;
  yield;
  return true;
}

/** Linux: might_sleep(). For functions that may sleep, also when this time they do not: reports a caller in atomic context. */
export function mightSleep(cpu: Cpu): void {
  if (!cpu.inAtomic()) return;
  const inAtomic = cpu.preemptCount() === 0 ? 0 : 1;
  const irqsOff = cpu.irqsDisabled() ? 1 : 0;
  oops(
    cpu,
    'BUG: sleeping function called from invalid context: ' +
      `in_atomic(): ${inAtomic}, irqs_disabled(): ${irqsOff}, ${describeTask(cpu)}${locksHeld(cpu)}`,
  );
}

/** Linux: __schedule_bug(). A task must not be switched while it holds a spin lock, nor in an interrupt. */
export function checkSchedule(cpu: Cpu): void {
  const count = cpu.preemptCount();
  if (count === 0 && !cpu.irqsDisabled()) return;
  const irqs = cpu.irqsDisabled() ? ', interrupts off' : '';
  const word = count.toString(16).padStart(8, '0');
  oops(cpu, `BUG: scheduling while atomic: ${describeTask(cpu)}/0x${word}${irqs}${locksHeld(cpu)}`);
}

/** Linux: debug_show_held_locks(). Known where the debug mode of locks is on. */
function locksHeld(cpu: Cpu): string {
  const { memory, machine, id } = cpu;
  const task = currentTask(cpu);
  const held = readHeldLocks(memory, machine, id).filter((one) => one.held && one.task === task);
  return held.length === 0 ? '' : `, holds ${describeLocks(memory, held)}`;
}

/** `name/pid` of the running task. */
function describeTask(cpu: Cpu): string {
  const { memory } = cpu;
  const task = currentTask(cpu);
  if (task === 0) return 'swapper/0';
  return `${readString(memory, task + Task.name)}/${memory.read(task + Task.pid)}`;
}
