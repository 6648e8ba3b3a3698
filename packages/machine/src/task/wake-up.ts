/**
 * Waking tasks, from any CPU and any context. The drawing, and why no wake-up is lost: task-layout.ts.
 *
 * A wake list (llist.ts) belongs to one CPU. A task is on at most one, at most once: `wakeQueued` goes from 0
 * to bits that say why: QUEUED_WAKE, QUEUED_PRIO. Whoever finds bits there adds its own and leaves the rest to
 * the taker, which clears the word *before* it looks at the state and the priority: had they been changed before
 * the clearing, the taker sees it.
 */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { IPI_RESCHEDULE } from '../interrupt-bits.ts';
import { llistAdd, llistTakeAll } from '../llist.ts';
import { DEFAULT_PRIO } from './prio.ts';
import { Task, TASK_NORMAL, TaskState } from './task-layout.ts';
import { taskTable, wakeListOf } from './task-table.ts';

/** Bits of `Task.wakeQueued`. It was woken. */
const QUEUED_WAKE = 1;
/** Its priority has changed. */
export const QUEUED_PRIO = 2;

/**
 * Linux: wake_up_process(). Ends the sleep of a task, or starts a fresh kthread. Any CPU, any context.
 * Returns whether it was asleep. The task must not be freed meanwhile: hold a reference, or know that it
 * waits for you.
 */
export function wakeUpProcess(cpu: Cpu, task: Ptr): boolean {
  return wakeUpState(cpu, task, TASK_NORMAL | TaskState.fresh);
}

/** Linux: wake_up_state(). Only ends the sleeps in `mask` (bits of TaskState). Any CPU, any context. */
export function wakeUpState(cpu: Cpu, task: Ptr, mask: number): boolean {
  // Else the stopper that takes this CPU down could stop us half-way, and nobody would wake the task any more.
  cpu.preemptDisable();
  const woken = tryToWakeUp(cpu, task, mask);
  cpu.preemptEnable();
  return woken;
}

function tryToWakeUp(cpu: Cpu, task: Ptr, mask: number): boolean {
  const { memory } = cpu;
  let state = memory.load(task + Task.state);
  for (;;) {
    if ((state & mask) === 0) return false;
    // W2: pairs with S1, the sleeper's store. Of several wakers one gets past this line.
    const seen = memory.compareExchange(task + Task.state, state, TaskState.running);
    if (seen === state) break;
    state = seen;
  }
  cpu.count('wakeups');
  const { schedWakeup, schedWakeupNew } = cpu.trace;
  const site = state === TaskState.fresh ? schedWakeupNew : schedWakeup;
  if (site.enabled) site.fire(task, memory.load(task + Task.cpu));
  queueOnCpu(cpu, task, QUEUED_WAKE);
  return true;
}

/** Linux: ttwu_queue(). The task's CPU is told `why`: bits of `wakeQueued`. */
export function queueOnCpu(cpu: Cpu, task: Ptr, why: number): void {
  const { memory, machine } = cpu;
  // W3: pairs with the clearing in takeWakeList.
  if (memory.fetchOr(task + Task.wakeQueued, why) !== 0) return;
  const target = memory.load(task + Task.cpu);
  llistAdd(memory, wakeListOf(cpu.use(taskTable), machine, target), task, Task.wakeNext);
  // W4, for our own CPU too: we may be an interrupt that came between its last look and its sleep.
  // Better tasks preempt: the target has to look even if it is busy.
  if (memory.load(task + Task.prio) < DEFAULT_PRIO) cpu.raise(target, IPI_RESCHEDULE);
  else cpu.kick(target);
}

/** What a CPU does with the tasks on its wake list. */
export interface WakeListTaker {
  /** Puts a task on the run queue that is not there. */
  readonly found: (task: Ptr) => void;
  /** The task may have another priority. */
  readonly changed: (task: Ptr) => void;
}

/** Takes all of this CPU's wake list, oldest first. By the CPU itself. */
export function takeWakeList(cpu: Cpu, list: Ptr, taker: WakeListTaker): void {
  const { memory } = cpu;
  let task = llistTakeAll(memory, list, Task.wakeNext);
  while (task !== 0) {
    const next = memory.read(task + Task.wakeNext);
    // From here on the link is the next waker's.
    const why = memory.exchange(task + Task.wakeQueued, 0);
    // Read after the clearing: a waker that found bits above had turned the state before.
    if (memory.load(task + Task.cpu) !== cpu.id) queueOnCpu(cpu, task, why);
    else {
      if ((why & QUEUED_PRIO) !== 0) taker.changed(task);
      if (memory.load(task + Task.state) === TaskState.running) taker.found(task);
    }
    task = next;
  }
}
