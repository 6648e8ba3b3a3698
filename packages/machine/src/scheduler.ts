/** What the core needs of the scheduler; the one there is lives in task/. */
import type { Ptr } from '@percpu/memory';
import type { Sleeps } from './sleeps.ts';
import type { TaskWatcher } from './task/local-task.ts';
import type { SchedulerHooks } from './task/scheduler-hooks.ts';

/** How a task ended. */
export type Outcome<T = unknown> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

export interface Scheduler {
  /** Who is told of switches, exits and idling. */
  readonly hooks: SchedulerHooks;
  /**
   * Puts a new task on this CPU's run queue and returns its task struct; `done` is called on this CPU when
   * it has ended. Throws when all task slots are taken. Task context, or between tasks.
   */
  start(name: string, body: Sleeps<unknown>, done?: (outcome: Outcome) => void): Ptr;
  /** Runs one task until it gives the CPU up. False when none is runnable. The main loop's. */
  runNext(): boolean;
  /** Is a task runnable? Asked by the idle loop after it has announced its sleep: one look at shared words is fine. */
  hasWork(): boolean;
  /** Who is told when the running task falls asleep and when it may go on; undefined: nobody any more. */
  watch(watcher: TaskWatcher | undefined): void;
  /** Should the running task offer its turn? If not, the hooks hear of a switch from it to itself. */
  shouldYield(): boolean;
  /** What a task of this CPU sleeps for (`Task.blocker`), if one said so; of several the task that has been there longest. Else 0. */
  blocker(): Ptr;
  /** A task of this CPU has another priority. The caller is a task, or an interrupt of one. */
  setPriority(task: Ptr, prio: number): void;
  /** Runs the tasks of a better priority than the running one, on top of it. False: not now, ask again. */
  preempt(): boolean;
  /** No task runs from now on until the word at `word` is 0; then `thawed` is called, and tasks run again. For CPU hotplug. */
  freeze(word: Ptr, thawed: () => void): void;
  /** Runs `body` to its end as part of the running task, and other tasks while it sleeps. */
  block<T>(body: Sleeps<T>): T;
}
