/** The tasks of a machine as somebody sees them who is no CPU: for reports, at any time. */
import type { Memory, Ptr } from '@percpu/memory';
import { describeBlocker } from '../held-locks.ts';
import type { MachineInfo } from '../machine-info.ts';
import { readString } from '../shared-string.ts';
import { subsystemState } from '../subsystem.ts';
import { Task, TaskState } from './task-layout.ts';
import { attachTaskTable, TASK_TABLE } from './task-table.ts';

/** One task at one moment. */
export interface TaskInfo {
  readonly at: Ptr;
  readonly pid: number;
  readonly name: string;
  readonly cpu: number;
  /** A code of TaskState. */
  readonly state: number;
  /** On the run queue of its CPU, or running. */
  readonly runnable: boolean;
  /** Times it was given the CPU. */
  readonly switches: number;
}

/** All tasks there are, in the order of their slots; those without a pid are the CPUs' own (swapper). Any thread. */
export function readTasks(memory: Memory, machine: MachineInfo): TaskInfo[] {
  const at = subsystemState(memory, machine, TASK_TABLE);
  if (at === 0) return [];
  const { first, slots } = attachTaskTable(memory, machine, at);
  const tasks: TaskInfo[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const task = first + slot * Task.size;
    const state = memory.load(task + Task.state);
    if (state !== TaskState.free && state !== TaskState.setup)
      tasks.push(readTask(memory, task, state));
  }
  return tasks;
}

function readTask(memory: Memory, at: Ptr, state: number): TaskInfo {
  return {
    at,
    pid: memory.read(at + Task.pid),
    name: readString(memory, at + Task.name),
    cpu: memory.load(at + Task.cpu),
    state,
    runnable: memory.readOwn(at + Task.runnable) !== 0,
    switches: memory.readOwn(at + Task.switches),
  };
}

/** Is it in a sleep that something must end? */
export function isBlocked(task: TaskInfo): boolean {
  return task.state === TaskState.uninterruptible && !task.runnable;
}

/** Most lines that `blockedTasks` gives. */
const MAX_LINES = 16;

/** Linux: show_state_filter(TASK_UNINTERRUPTIBLE), SysRq-W. A line for each task that is blocked: `task sleeper:12 on CPU 0: blocked`. */
export function blockedTasks(memory: Memory, machine: MachineInfo): string[] {
  const blocked = readTasks(memory, machine).filter(isBlocked);
  const lines: string[] = [];
  for (const task of blocked.slice(0, MAX_LINES)) {
    const blocker = describeBlocker(memory, machine, task.cpu, task.at);
    const which = blocker === undefined ? '' : ` on ${blocker}`;
    lines.push(`task ${task.name}:${task.pid} on CPU ${task.cpu}: blocked${which}`);
  }
  if (blocked.length > MAX_LINES)
    lines.push(`and ${blocked.length - MAX_LINES} more blocked tasks`);
  return lines;
}
