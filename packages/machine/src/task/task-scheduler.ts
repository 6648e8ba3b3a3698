/**
 * One CPU's scheduler. Everything here runs on that CPU: the run queue and the generators are its own.
 * Other CPUs reach it through its wake list only (wake-up.ts).
 *
 * Three loops run tasks, each nested in what called it:
 *
 *   main loop   runNext     any task, one turn
 *   preempt     better ones where preemption is on: tasks of a better priority than the interrupted one
 *   block       any task, until the plain caller's own generator can go on
 *
 * A task below another on the stack cannot go on before the upper one returns. For `preempt` that is the
 * meaning of priority; for `block` it is a limit: two plain callers on one CPU that block at the same time
 * finish in the reverse order.
 */
import type { Memory, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { Errno } from '../errno.ts';
import { taskFailed } from '../fault.ts';
import { IPI_RESCHEDULE } from '../interrupt-bits.ts';
import { PerCpuLayout } from '../machine-layout.ts';
import type { Outcome, Scheduler } from '../scheduler.ts';
import { readString } from '../shared-string.ts';
import type { Sleeps } from '../sleeps.ts';
import { kthreadMain } from './kthread-main.ts';
import type { LocalTask, TaskWatcher } from './local-task.ts';
import { resumeTask } from './resume.ts';
import { DEFAULT_PRIO, MAX_PRIO, STOP_PRIO } from './prio.ts';
import { RunQueue } from './run-queue.ts';
import { checkSchedule } from './schedule.ts';
import { Task, TaskState } from './task-layout.ts';
import { allocTask, putTaskStruct, taskTable, wakeListOf } from './task-table.ts';
import type { TaskTableInfo } from './task-table.ts';
import { SchedulerHooks } from './scheduler-hooks.ts';
import { endsSleep } from './signal.ts';
import { signalEvent } from './waiters.ts';
import { takeWakeList } from './wake-up.ts';
import type { WakeListTaker } from './wake-up.ts';

export class TaskScheduler implements Scheduler {
  readonly hooks: SchedulerHooks = new SchedulerHooks();
  /** Linux: current. */
  current: LocalTask;
  /** Whose `Task.onCpu` is 1. */
  private onCpu: LocalTask | undefined;
  private readonly cpu: Cpu;
  private readonly memory: Memory;
  private readonly table: TaskTableInfo;
  private readonly wakeList: Ptr;
  private readonly queue: RunQueue = new RunQueue();
  private readonly local: Map<Ptr, LocalTask> = new Map<Ptr, LocalTask>();
  /** Runs when nothing else does; plain callers outside all tasks are this one. Linux: rq->idle. */
  private readonly swapper: LocalTask;
  /** Whom the hooks were told about last. */
  private noted: Ptr;
  /** Set while queues and `current` are being changed: an interrupt that comes then does not preempt. */
  private switching = false;
  /** While the CPU is down: address of the word that is 0 when it may come up. */
  private frozen: Ptr = 0;
  private thawed: () => void = () => {};

  /** Use `createScheduler`. Touches no memory. */
  constructor(cpu: Cpu, table: TaskTableInfo, swapper: LocalTask) {
    this.cpu = cpu;
    this.memory = cpu.memory;
    this.table = table;
    this.wakeList = wakeListOf(table, cpu.machine, cpu.id);
    this.swapper = swapper;
    this.current = swapper;
    this.onCpu = swapper;
    this.noted = swapper.at;
    this.local.set(swapper.at, swapper);
  }

  // ── new tasks ─────────────────────────────────────────────────────────────────────────────

  start(name: string, body: Sleeps<unknown>, done?: (outcome: Outcome) => void): Ptr {
    const at = allocTask(this.cpu, this.table, {
      name,
      cpu: this.cpu.id,
      prio: DEFAULT_PRIO,
      func: 0,
      data: 0,
    });
    if (at === 0) {
      throw new RangeError(
        `task ${name}: all ${this.table.slots} task slots are taken; boot parameter tasks.max sets how many there are`,
      );
    }
    const task = this.adopt(at, body, done);
    this.memory.store(at + Task.state, TaskState.running);
    // From the store on a late wake-up of the slot's last tenant may find it: it must meet this task, and may have queued it.
    if (!task.runnable) this.enqueue(task);
    return at;
  }

  private adopt(at: Ptr, body: Sleeps<unknown>, done?: (outcome: Outcome) => void): LocalTask {
    const prio = this.memory.load(at + Task.prio);
    const task: LocalTask = {
      at,
      prio,
      body,
      done,
      runnable: false,
      inBlock: false,
      watcher: undefined,
    };
    this.local.set(at, task);
    return task;
  }

  watch(watcher: TaskWatcher | undefined): void {
    this.current.watcher = watcher;
  }

  // ── choosing ──────────────────────────────────────────────────────────────────────────────

  hasWork(): boolean {
    if (this.frozen !== 0) return this.memory.load(this.frozen) === 0;
    return this.queue.size > 0 || this.memory.load(this.wakeList) !== 0;
  }

  blocker(): Ptr {
    for (const { at, runnable } of this.local.values()) {
      const blocker = runnable ? 0 : this.memory.readOwn(at + Task.blocker);
      if (blocker !== 0) return blocker;
    }
    return 0;
  }

  shouldYield(): boolean {
    if (this.hasWork()) return true;
    this.hooks.taskSwitch(this.cpu, this.current.at, this.current.at);
    return false;
  }

  runNext(): boolean {
    if (this.runBetterThan(undefined)) return true;
    if (this.noted !== this.swapper.at) this.note(this.swapper);
    return false;
  }

  preempt(): boolean {
    if (this.switching) return false;
    const interrupted = this.current;
    let others = false;
    while (this.runBetterThan(interrupted)) others = true;
    // A stopper took this CPU down: the interrupted task waits with it. (The stopper itself first ends its work.)
    while (this.frozen !== 0 && interrupted.prio !== STOP_PRIO) this.sleepFrozen();
    if (others) this.note(interrupted);
    return true;
  }

  /** One turn of the best task, if it is better than `other`, whose priority may change meanwhile. undefined: any. */
  private runBetterThan(other: LocalTask | undefined): boolean {
    if (this.frozen !== 0 && !this.thaw()) return false;
    this.switching = true;
    this.takeWoken();
    const task = this.queue.shift(other === undefined ? MAX_PRIO : other.prio);
    if (task !== undefined) this.run(task);
    this.switching = false;
    return task !== undefined;
  }

  private takeWoken(): void {
    if (this.memory.load(this.wakeList) === 0) return;
    takeWakeList(this.cpu, this.wakeList, this.taker);
  }

  private readonly taker: WakeListTaker = {
    found: (at) => {
      const task = this.local.get(at) ?? this.adopt(at, kthreadMain(this.cpu, at));
      if (task.runnable) return;
      this.enqueue(task);
      task.watcher?.wakes();
    },
    // P1: read after the clearing, so it is the newest of those that the clearing covers.
    changed: (at) => this.requeue(at, this.memory.load(at + Task.prio)),
  };

  setPriority(at: Ptr, prio: number): void {
    this.requeue(at, prio);
    // Linux: prio_changed_fair(), prio_changed_rt().
    if (this.queue.hasBetterThan(this.current.prio)) this.cpu.needResched = true;
  }

  /** One that has not run yet is adopted with its priority of then. */
  private requeue(at: Ptr, prio: number): void {
    const task = this.local.get(at);
    if (task !== undefined) this.queue.setPriority(task, prio);
  }

  private enqueue(task: LocalTask): void {
    task.runnable = true;
    this.memory.writeOwn(task.at + Task.runnable, 1);
    // One that sits in `block` is continued there.
    if (!task.inBlock) this.queue.push(task);
  }

  // ── switching ─────────────────────────────────────────────────────────────────────────────

  private run(task: LocalTask): void {
    const below = this.current;
    this.note(task);
    this.setCurrent(task);
    this.switching = false;
    // After the switch: an interrupt that comes at its stores may preempt.
    this.putOnCpu(task);
    let step: IteratorResult<void, unknown>;
    try {
      step = resumeTask(task.body!);
      // A bare `yield` skipped the look that `schedule` takes.
      if (step.done !== true) checkSchedule(this.cpu);
      else this.hooks.taskEnd(this.cpu, task.at);
    } catch (error) {
      taskFailed(this.cpu, readString(this.memory, task.at + Task.name), error);
      this.switching = true;
      this.takeOffCpu(task);
      this.exit(task, { ok: false, error });
      this.continueBelow(below);
      return;
    }
    this.switching = true;
    if (step.done === true) {
      this.takeOffCpu(task);
      this.exit(task, { ok: true, value: step.value });
    } else if (this.staysRunnable(task)) {
      // Who was woken during its turn came first.
      this.takeWoken();
      this.queue.push(task);
    }
    this.continueBelow(below);
  }

  private continueBelow(below: LocalTask): void {
    this.setCurrent(below);
    if (below !== this.swapper && !below.inBlock) this.putOnCpu(below);
  }

  /** After a task gave the CPU up: S3 of task-layout.ts. A waker that comes after this look finds it off the queue and puts it on the wake list. */
  private staysRunnable(task: LocalTask): boolean {
    const state = this.memory.load(task.at + Task.state);
    if (state === TaskState.running) return true;
    if (endsSleep(this.memory, task.at, state)) {
      // S3 of signal.ts. A waker may have been faster, and said the same.
      this.memory.store(task.at + Task.state, TaskState.running);
      return true;
    }
    this.takeOffCpu(task);
    task.runnable = false;
    this.memory.writeOwn(task.at + Task.runnable, 0);
    task.watcher?.sleeps();
    return false;
  }

  private note(next: LocalTask): void {
    const { schedSwitch } = this.cpu.trace;
    if (next.at !== this.noted) this.cpu.count('contextSwitches');
    if (schedSwitch.enabled && next.at !== this.noted) schedSwitch.fire(this.noted, next.at);
    this.hooks.taskSwitch(this.cpu, this.noted, next.at);
    this.noted = next.at;
    const switches = next.at + Task.switches;
    this.memory.writeOwn(switches, this.memory.readOwn(switches) + 1);
  }

  private setCurrent(task: LocalTask): void {
    const { memory, cpu } = this;
    this.current = task;
    memory.writeOwn(cpu.area + PerCpuLayout.currentTask, task.at);
    memory.writeOwn(
      cpu.area + PerCpuLayout.currentName,
      task === this.swapper ? 0 : task.at + Task.name,
    );
  }

  /** For those who spin as long as the task they wait for runs. One that gives its CPU up for nobody stays there. */
  private putOnCpu(task: LocalTask): void {
    if (this.onCpu === task) return;
    if (this.onCpu !== undefined) this.takeOffCpu(this.onCpu);
    this.onCpu = task;
    this.memory.store(task.at + Task.onCpu, 1);
  }

  private takeOffCpu(task: LocalTask): void {
    if (this.onCpu !== task) return;
    this.onCpu = undefined;
    this.memory.store(task.at + Task.onCpu, 0);
  }

  private exit(task: LocalTask, outcome: Outcome): void {
    const { memory, cpu } = this;
    this.local.delete(task.at);
    if (cpu.trace.schedProcessExit.enabled) cpu.trace.schedProcessExit.fire(task.at);
    this.hooks.taskExit(cpu, task.at);
    memory.write(task.at + Task.exitCode, exitCode(outcome));
    memory.writeOwn(task.at + Task.runnable, 0);
    memory.store(task.at + Task.state, TaskState.dead);
    signalEvent(cpu, task.at + Task.parked);
    signalEvent(cpu, task.at + Task.exited);
    task.done?.(outcome);
    putTaskStruct(cpu, task.at);
  }

  // ── CPU hotplug ───────────────────────────────────────────────────────────────────────────

  freeze(word: Ptr, thawed: () => void): void {
    this.frozen = word;
    this.thawed = thawed;
    this.hooks.cpuDown(this.cpu);
  }

  private thaw(): boolean {
    // Pairs with the store in cpuUp.
    if (this.memory.load(this.frozen) !== 0) return false;
    this.frozen = 0;
    this.thawed();
    return true;
  }

  private sleepFrozen(): void {
    this.cpu.takeInterrupts();
    if (!this.thaw()) this.cpu.idle(this.wokenWork);
  }

  // ── plain callers ─────────────────────────────────────────────────────────────────────────

  block<T>(body: Sleeps<T>): T {
    const owner = this.current;
    for (;;) {
      const step = resumeTask(body) as IteratorResult<void, T>;
      if (step.done === true) return step.value;
      checkSchedule(this.cpu);
      this.waitForTurn(owner);
    }
  }

  /** Runs others until `owner`, which lies below us on the stack, may go on. */
  private waitForTurn(owner: LocalTask): void {
    owner.inBlock = true;
    // An interrupt that preempts the last of our looks takes the wake list, and `owner` is on no queue.
    const hasWork = (): boolean => owner.runnable || this.hasWork();
    this.switching = true;
    // Still runnable: everybody else who is gets one turn.
    const stays = this.staysRunnable(owner);
    this.takeWoken();
    this.switching = false;
    let turns = stays ? this.queue.size : 0;
    for (;;) {
      this.switching = true;
      this.takeWoken();
      this.switching = false;
      if (this.frozen !== 0) {
        this.sleepFrozen();
        continue;
      }
      if (owner.runnable && turns-- <= 0) break;
      this.cpu.takeInterrupts();
      if (this.runBetterThan(undefined)) continue;
      if (owner.runnable) break;
      this.note(this.swapper);
      this.cpu.idle(hasWork);
    }
    owner.inBlock = false;
    this.note(owner);
    this.setCurrent(owner);
    this.putOnCpu(owner);
  }

  private readonly wokenWork = (): boolean => this.hasWork();
}

/** What `kthreadStop` and `waitForTask` get to see: an integer, else 0; -EFAULT after an oops. */
function exitCode(outcome: Outcome): number {
  if (!outcome.ok) return Errno.EFAULT;
  return typeof outcome.value === 'number' ? outcome.value | 0 : 0;
}

/** The scheduler of a CPU that is being attached, with the task its idle loop and plain callers run as. */
export function createScheduler(cpu: Cpu): TaskScheduler {
  const { memory } = cpu;
  const table = cpu.use(taskTable);
  const at = memory.readOwn(cpu.area + PerCpuLayout.idleTask) || allocSwapper(cpu, table);
  if (at === 0)
    throw new RangeError(
      `swapper/${cpu.id}: all ${table.slots} task slots are taken; set tasks.max`,
    );
  memory.write(at + Task.pid, 0);
  memory.writeOwn(at + Task.runnable, 1);
  memory.store(at + Task.state, TaskState.running);
  memory.store(at + Task.onCpu, 1);
  memory.writeOwn(cpu.area + PerCpuLayout.idleTask, at);
  memory.writeOwn(cpu.area + PerCpuLayout.currentTask, at);
  const swapper: LocalTask = {
    at,
    prio: DEFAULT_PRIO,
    body: undefined,
    done: undefined,
    runnable: true,
    inBlock: false,
    watcher: undefined,
  };
  const scheduler = new TaskScheduler(cpu, table, swapper);
  cpu.setVector(IPI_RESCHEDULE, () => {
    cpu.needResched = true;
  });
  return scheduler;
}

function allocSwapper(cpu: Cpu, table: TaskTableInfo): Ptr {
  return allocTask(cpu, table, {
    name: `swapper/${cpu.id}`,
    cpu: cpu.id,
    prio: DEFAULT_PRIO,
    func: 0,
    data: 0,
  });
}
