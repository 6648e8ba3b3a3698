/** What waits for its turn on one CPU. Known to that CPU only: others wake tasks through its wake list. */
import type { LocalTask } from './local-task.ts';
import { TaskClass } from './task-layout.ts';
import type { TaskClassCode } from './task-layout.ts';

/** Entries served before an array's front is cut off: an amortised O(1) queue without a linked list. */
const CUT_AFTER = 1024;

class Fifo {
  private items: LocalTask[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  push(task: LocalTask): void {
    this.items.push(task);
  }

  shift(): LocalTask | undefined {
    const task = this.items[this.head];
    if (task === undefined) return undefined;
    this.head++;
    if (this.head === this.items.length) {
      this.items.length = 0;
      this.head = 0;
    } else if (this.head >= CUT_AFTER) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return task;
  }
}

/** A first-in first-out queue for each class. Linux: struct rq. */
export class RunQueue {
  private readonly queues: readonly Fifo[] = [new Fifo(), new Fifo(), new Fifo()];
  /** Tasks in all queues. Linux: rq->nr_running, without the running one. */
  size = 0;

  push(task: LocalTask): void {
    this.queues[task.class]!.push(task);
    this.size++;
  }

  /** The first task of the best class that is better than `below`. */
  shift(below: number = TaskClass.normal + 1): LocalTask | undefined {
    for (let level = 0; level < below; level++) {
      const task = this.queues[level]!.shift();
      if (task === undefined) continue;
      this.size--;
      return task;
    }
    return undefined;
  }

  /** Does a task of a better class than `level` wait? */
  hasBetterThan(level: TaskClassCode): boolean {
    for (let better = 0; better < level; better++) {
      if (this.queues[better]!.length > 0) return true;
    }
    return false;
  }
}
