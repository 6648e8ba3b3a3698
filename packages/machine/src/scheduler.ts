/**
 * What a CPU's main loop needs of a scheduler, and the simplest one there is: tasks take turns, and a
 * task that yields is runnable at once.
 */
import type { Cpu } from './cpu.ts';
import { isFatal, taskFailed } from './fault.ts';
import type { Sleeps } from './sleeps.ts';

/** How a task ended. */
export type Outcome<T = unknown> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

export interface Scheduler {
  /** Puts a new task on this CPU's run queue; `done` is called on this CPU when it has ended. */
  start(name: string, body: Sleeps<unknown>, done: (outcome: Outcome) => void): void;
  /** Runs one task until it gives the CPU up. False when none is runnable. May nest (`cpu.block`). */
  runNext(): boolean;
  /** Is a task runnable? Asked by the idle loop after it has announced its sleep: one look at shared words is fine. */
  hasWork(): boolean;
}

/** The task as one that never throws, for callers that want the error themselves; fatal ones pass. */
export function* captured<T>(task: Sleeps<T>): Sleeps<Outcome<T>> {
  try {
    return { ok: true, value: yield* task };
  } catch (error) {
    if (isFatal(error)) throw error;
    return { ok: false, error };
  }
}

interface Task {
  readonly name: string;
  readonly body: Sleeps<unknown>;
  readonly done: (outcome: Outcome) => void;
}

/** Round robin without sleeping. */
export class RoundRobin implements Scheduler {
  private readonly queue: Task[] = [];
  private readonly cpu: Cpu;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
  }

  start(name: string, body: Sleeps<unknown>, done: (outcome: Outcome) => void): void {
    this.queue.push({ name, body, done });
  }

  runNext(): boolean {
    const task = this.queue.shift();
    if (task === undefined) return false;
    try {
      const step = task.body.next();
      if (step.done === true) task.done({ ok: true, value: step.value });
      else this.queue.push(task);
    } catch (error) {
      taskFailed(this.cpu, task.name, error);
      task.done({ ok: false, error });
    }
    return true;
  }

  hasWork(): boolean {
    return this.queue.length > 0;
  }
}
