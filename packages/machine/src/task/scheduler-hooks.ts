import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';

/**
 * `previous` gave the CPU up, `next` gets it. The same task twice: it offered the CPU and nobody wanted it,
 * as good as a switch for whoever waits for one. Interrupts may be on; must not sleep.
 */
export type TaskSwitchHook = (cpu: Cpu, previous: Ptr, next: Ptr) => void;

/** The task's function has returned, and it is about to end. What the hook throws is what the task threw. */
export type TaskEndHook = (cpu: Cpu, task: Ptr) => void;

/** The task has run its last instruction; its struct is still there. */
export type TaskExitHook = (cpu: Cpu, task: Ptr) => void;

/** The tasks of this CPU are frozen from now on. Interrupts are off. */
export type CpuDownHook = (cpu: Cpu) => void;

/** The CPU is about to sleep for want of tasks, or has just stopped doing so. */
export type IdleHook = (cpu: Cpu) => void;

/** Who wants to know what the scheduler of one CPU does. Subsystems add theirs when they attach, and never take them back. */
export class SchedulerHooks {
  /** A switch is a quiescent state for RCU. Linux: the sched_switch tracepoint, rcu_note_context_switch(). */
  readonly onTaskSwitch: TaskSwitchHook[] = [];
  /** Linux: debug_check_no_locks_held() in do_exit(). */
  readonly onTaskEnd: TaskEndHook[] = [];
  /** Linux: the sched_process_exit tracepoint. */
  readonly onTaskExit: TaskExitHook[] = [];
  /** The CPU goes down, and its tasks with it. */
  readonly onCpuDown: CpuDownHook[] = [];
  /** Linux: rcu_idle_enter(). */
  readonly onIdleEnter: IdleHook[] = [];
  /** Linux: rcu_idle_exit(). */
  readonly onIdleExit: IdleHook[] = [];

  taskSwitch(cpu: Cpu, previous: Ptr, next: Ptr): void {
    for (const hook of this.onTaskSwitch) hook(cpu, previous, next);
  }

  taskEnd(cpu: Cpu, task: Ptr): void {
    for (const hook of this.onTaskEnd) hook(cpu, task);
  }

  taskExit(cpu: Cpu, task: Ptr): void {
    for (const hook of this.onTaskExit) hook(cpu, task);
  }

  cpuDown(cpu: Cpu): void {
    for (const hook of this.onCpuDown) hook(cpu);
  }

  idleEnter(cpu: Cpu): void {
    for (const hook of this.onIdleEnter) hook(cpu);
  }

  idleExit(cpu: Cpu): void {
    for (const hook of this.onIdleExit) hook(cpu);
  }
}
