/**
 * The priority that counts:
 *
 *   prio = min(normalPrio, inheritedPrio)      all three change under `piLock`
 *
 * `normalPrio` is the task's own, `inheritedPrio` that of the best task that waits for one of its rt-mutexes. Any CPU
 * may change the latter. The task's own CPU has it in its run queue, so it is told: by the wake list, like a wake-up.
 */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { IPI_RESCHEDULE } from '../interrupt-bits.ts';
import { rawSpinLock, rawSpinUnlock } from '../raw-spinlock.ts';
import { DEFAULT_PRIO, normalPrio } from './prio.ts';
import { currentTask } from './schedule.ts';
import { Task, TaskClass } from './task-layout.ts';
import { queueOnCpu, QUEUED_PRIO } from './wake-up.ts';

/** Linux: sched_setscheduler(current, SCHED_FIFO). The running task is real-time from now on. Task context. */
export function schedSetFifo(cpu: Cpu, rtPriority?: number): void {
  setNormalPrio(cpu, normalPrio(TaskClass.realtime, rtPriority));
}

/** Linux: sched_set_normal(). The running task is a normal one from now on. Task context. */
export function schedSetNormal(cpu: Cpu): void {
  setNormalPrio(cpu, DEFAULT_PRIO);
}

function setNormalPrio(cpu: Cpu, prio: number): void {
  const me = currentTask(cpu);
  rawSpinLock(cpu, me + Task.piLock);
  cpu.memory.write(me + Task.normalPrio, prio);
  applyPrio(cpu, me);
  rawSpinUnlock(cpu, me + Task.piLock);
}

/** Linux: rt_mutex_setprio(). `inherited`: of the best waiter, or DEFAULT_PRIO. Under the task's `piLock`; the task has not ended. */
export function rtMutexSetprio(cpu: Cpu, task: Ptr, inherited: number): void {
  cpu.memory.write(task + Task.inheritedPrio, inherited);
  applyPrio(cpu, task);
}

/** Linux: task->prio. Any context; it may be another by the time it arrives. */
export function taskPrio(cpu: Cpu, task: Ptr): number {
  return cpu.memory.load(task + Task.prio);
}

/** Under `piLock`. */
function applyPrio(cpu: Cpu, task: Ptr): void {
  const { memory } = cpu;
  const own = memory.read(task + Task.normalPrio);
  const prio = Math.min(own, memory.read(task + Task.inheritedPrio));
  if (memory.load(task + Task.prio) === prio) return;
  // P1: pairs with the load of the CPU that takes the wake list, after it has cleared QUEUED_PRIO.
  memory.store(task + Task.prio, prio);
  const target = memory.load(task + Task.cpu);
  if (target === cpu.id) {
    cpu.scheduler.setPriority(task, prio);
    return;
  }
  queueOnCpu(cpu, task, QUEUED_PRIO);
  // Also when it was queued already: whoever did that may have seen the old priority.
  cpu.raise(target, IPI_RESCHEDULE);
}
