/**
 * Kernel threads: tasks that run a function of kernel text, on a CPU of the creator's choice.
 *
 * The creator fills a task struct and wakes it up; the target CPU finds a fresh task on its wake list and
 * makes the generator. So creating one on another CPU needs no IPI and no waiting.
 */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { Errno } from '../errno.ts';
import { bugOn } from '../fault.ts';
import type { Sleeps } from '../sleeps.ts';
import { waitForEvent } from './event.ts';
import { normalPrio } from './prio.ts';
import { currentTask, schedule, setCurrentState } from './schedule.ts';
import { Task, TaskClass, TaskFlag, TaskState } from './task-layout.ts';
import type { TaskClassCode } from './task-layout.ts';
import { allocTask, putTaskStruct, taskTable, tryGetTaskStruct } from './task-table.ts';
import { signalEvent } from './waiters.ts';
import { wakeUpProcess, wakeUpState } from './wake-up.ts';

export interface KthreadOptions {
  /** Default: normal. */
  readonly class?: TaskClassCode;
  /** Linux: sched_priority. Of a real-time kthread: 1 (least) to 99; default 50. */
  readonly rtPriority?: number;
}

/**
 * Linux: kthread_create_on_cpu(). A kthread that will run `func(cpu, data)` on CPU `target` once it is woken
 * (`wakeUpProcess`); `func` is a text address of a plain function or, if it may sleep, a generator function.
 * What it returns is its exit code. Any context. Returns the task, or a negative errno: -EAGAIN when all
 * task slots are taken, -EINVAL when there is no such CPU.
 */
export function kthreadCreateOnCpu(
  cpu: Cpu,
  target: number,
  func: Ptr,
  data: number,
  name: string,
  options: KthreadOptions = {},
): Ptr {
  if (!Number.isInteger(target) || target < 0 || target >= cpu.nrCpus) return Errno.EINVAL;
  const task = allocTask(cpu, cpu.use(taskTable), {
    name,
    cpu: target,
    prio: normalPrio(options.class ?? TaskClass.normal, options.rtPriority),
    func,
    data,
  });
  return task === 0 ? Errno.EAGAIN : task;
}

/** Linux: kthread_create(). As `kthreadCreateOnCpu`, on this CPU. */
export function kthreadCreate(cpu: Cpu, func: Ptr, data: number, name: string): Ptr {
  return kthreadCreateOnCpu(cpu, cpu.id, func, data, name);
}

/** Linux: kthread_run(). As `kthreadCreate`, and wakes it up. */
export function kthreadRun(cpu: Cpu, func: Ptr, data: number, name: string): Ptr {
  return kthreadRunOnCpu(cpu, cpu.id, func, data, name);
}

/** Linux: kthread_run_on_cpu(). As `kthreadCreateOnCpu`, and wakes it up. */
export function kthreadRunOnCpu(
  cpu: Cpu,
  target: number,
  func: Ptr,
  data: number,
  name: string,
): Ptr {
  const task = kthreadCreateOnCpu(cpu, target, func, data, name);
  if (!isErrno(task)) wakeUpProcess(cpu, task);
  return task;
}

/** Linux: IS_ERR(). Did a function that returns a task or a negative errno fail? */
export function isErrno(result: number): boolean {
  return result < 0;
}

/** Linux: kthread_should_stop(). Asked by the kthread in its loop, after announcing its sleep. */
export function kthreadShouldStop(cpu: Cpu): boolean {
  return (cpu.memory.load(currentTask(cpu) + Task.flags) & TaskFlag.shouldStop) !== 0;
}

/**
 * Linux: kthread_stop(). Makes `kthreadShouldStop` true for the kthread, wakes it, waits for its end and
 * returns its exit code (-EINTR if it never got to run). May sleep; not from the kthread itself. The
 * kthread must still be there: it waits to be stopped, or the caller holds a reference. -ESRCH if it is gone.
 */
export function* kthreadStop(cpu: Cpu, task: Ptr): Sleeps<number> {
  bugOn(cpu, task === currentTask(cpu), 'kthreadStop: a kthread cannot wait for its own end');
  if (!tryGetTaskStruct(cpu, task)) return Errno.ESRCH;
  cpu.memory.fetchOr(task + Task.flags, TaskFlag.shouldStop);
  kthreadUnpark(cpu, task);
  wakeUpProcess(cpu, task);
  return yield* awaitExit(cpu, task);
}

/** Waits for the end of a task and returns its exit code. May sleep. The caller holds a reference, or the task cannot have ended; -ESRCH if it is gone. */
export function* waitForTask(cpu: Cpu, task: Ptr): Sleeps<number> {
  bugOn(cpu, task === currentTask(cpu), 'waitForTask: a task cannot wait for its own end');
  if (!tryGetTaskStruct(cpu, task)) return Errno.ESRCH;
  return yield* awaitExit(cpu, task);
}

function* awaitExit(cpu: Cpu, task: Ptr): Sleeps<number> {
  yield* waitForEvent(cpu, task + Task.exited);
  const code = cpu.memory.readSigned(task + Task.exitCode);
  putTaskStruct(cpu, task);
  return code;
}

/** Linux: kthread_should_park(). Asked by the kthread in its loop, after announcing its sleep. */
export function kthreadShouldPark(cpu: Cpu): boolean {
  return (cpu.memory.load(currentTask(cpu) + Task.flags) & TaskFlag.shouldPark) !== 0;
}

/** Linux: kthread_parkme(). Called by the kthread: sleeps until `kthreadUnpark`, if it should park. */
export function* kthreadParkme(cpu: Cpu): Sleeps<void> {
  const { memory } = cpu;
  const me = currentTask(cpu);
  for (;;) {
    setCurrentState(cpu, TaskState.parked);
    // Pairs with the fetchAnd in kthreadUnpark.
    if (!kthreadShouldPark(cpu)) break;
    memory.fetchOr(me + Task.flags, TaskFlag.isParked);
    signalEvent(cpu, me + Task.parked);
    yield* schedule(cpu);
  }
  memory.fetchAnd(me + Task.flags, ~TaskFlag.isParked >>> 0);
  setCurrentState(cpu, TaskState.running);
}

/**
 * Linux: kthread_park(). Asks a kthread to park and waits until it has; one caller at a time. The kthread
 * calls `kthreadParkme` where `kthreadShouldPark`. May sleep. -ESRCH if it is gone, -ENOSYS if it ended
 * instead, -EBUSY if it is parked already.
 */
export function* kthreadPark(cpu: Cpu, task: Ptr): Sleeps<number> {
  const { memory } = cpu;
  bugOn(cpu, task === currentTask(cpu), 'kthreadPark: a kthread parks itself with kthreadParkme');
  if (!tryGetTaskStruct(cpu, task)) return Errno.ESRCH;
  memory.store(task + Task.parked, 0);
  if ((memory.fetchOr(task + Task.flags, TaskFlag.shouldPark) & TaskFlag.shouldPark) !== 0) {
    putTaskStruct(cpu, task);
    return Errno.EBUSY;
  }
  wakeUpProcess(cpu, task);
  yield* waitForEvent(cpu, task + Task.parked);
  const parked = (memory.load(task + Task.flags) & TaskFlag.isParked) !== 0;
  putTaskStruct(cpu, task);
  return parked ? 0 : Errno.ENOSYS;
}

/** Linux: kthread_unpark(). Ends `kthreadPark`. Any context; the caller knows the kthread to be there. */
export function kthreadUnpark(cpu: Cpu, task: Ptr): void {
  cpu.memory.fetchAnd(task + Task.flags, ~TaskFlag.shouldPark >>> 0);
  wakeUpState(cpu, task, TaskState.parked);
}
