import type { Ptr } from '@percpu/memory';
import type { Outcome } from '../scheduler.ts';
import type { Sleeps } from '../sleeps.ts';

/** Told when a task stops being runnable and when it is runnable again. Linux: wq_worker_sleeping(), wq_worker_running(). */
export interface TaskWatcher {
  sleeps(): void;
  wakes(): void;
}

/** The part of a task that cannot leave its thread. */
export interface LocalTask {
  /** The task struct. */
  readonly at: Ptr;
  /** `Task.prio`, as far as this CPU has been told. Changed by the run queue only. */
  prio: number;
  /** What it runs. None: the task of the idle loop and of plain callers, which is never on the run queue. */
  readonly body: Sleeps<unknown> | undefined;
  /** Told how it ended; without it a failure is an oops and nothing else. */
  readonly done: ((outcome: Outcome) => void) | undefined;
  /** On the run queue, running, or about to be continued by `block`. */
  runnable: boolean;
  /** Inside `cpu.block`: continued by that loop, never from the run queue. */
  inBlock: boolean;
  watcher: TaskWatcher | undefined;
}
