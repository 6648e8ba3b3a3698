/**
 * Waking tasks, from any CPU and any context. The drawing, and why no wake-up is lost: task-layout.ts.
 *
 * A wake list (llist.ts) belongs to one CPU. A task is on at most one, at most once: `wakeQueued` goes from 0
 * to 1 by exchange.
 * Whoever finds 1 there leaves the rest to the taker, which clears the word *before* it looks at the
 * state: had the state been turned to running before the clearing, the taker sees it.
 */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { IPI_RESCHEDULE } from '../interrupt-bits.ts';
import { llistAdd, llistTakeAll } from '../llist.ts';
import { Task, TASK_NORMAL, TaskClass, TaskState } from './task-layout.ts';
import { taskTable, wakeListOf } from './task-table.ts';

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
  queueOnCpu(cpu, task);
  return true;
}

/** Linux: ttwu_queue(). The task's state is running; its CPU is told. */
function queueOnCpu(cpu: Cpu, task: Ptr): void {
  const { memory, machine } = cpu;
  // W3: pairs with the clearing in takeWakeList.
  if (memory.exchange(task + Task.wakeQueued, 1) !== 0) return;
  const target = memory.load(task + Task.cpu);
  llistAdd(memory, wakeListOf(cpu.use(taskTable), machine, target), task, Task.wakeNext);
  // W4, for our own CPU too: we may be an interrupt that came between its last look and its sleep.
  // Better classes preempt: the target has to look even if it is busy.
  if (memory.load(task + Task.class) !== TaskClass.normal) cpu.raise(target, IPI_RESCHEDULE);
  else cpu.kick(target);
}

/** Takes all of this CPU's wake list, oldest first. By the CPU itself. Calls `found` for tasks to put on its run queue. */
export function takeWakeList(cpu: Cpu, list: Ptr, found: (task: Ptr) => void): void {
  const { memory } = cpu;
  let task = llistTakeAll(memory, list, Task.wakeNext);
  while (task !== 0) {
    const next = memory.read(task + Task.wakeNext);
    // From here on the link is the next waker's.
    memory.store(task + Task.wakeQueued, 0);
    // Read after the clearing: a waker that found 1 above had turned the state before.
    if (memory.load(task + Task.cpu) !== cpu.id) queueOnCpu(cpu, task);
    else if (memory.load(task + Task.state) === TaskState.running) found(task);
    task = next;
  }
}
