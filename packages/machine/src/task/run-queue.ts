/** What waits for its turn on one CPU. Known to that CPU only: others wake tasks through its wake list. */
import type { LocalTask } from './local-task.ts';
import { MAX_PRIO } from './prio.ts';

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

  /** False: it is not here. */
  remove(task: LocalTask): boolean {
    const place = this.items.indexOf(task, this.head);
    if (place < 0) return false;
    this.items.splice(place, 1);
    return true;
  }
}

const WORD = 32;

/** A first-in first-out queue for each priority, and a bit for each queue that is not empty. Linux: struct rq, struct rt_prio_array. */
export class RunQueue {
  /** Made when first needed. */
  private readonly queues: Fifo[] = [];
  private readonly waiting: Int32Array = new Int32Array(MAX_PRIO / WORD);
  /** Tasks in all queues. Linux: rq->nr_running, without the running one. */
  size = 0;

  push(task: LocalTask): void {
    const { prio } = task;
    (this.queues[prio] ??= new Fifo()).push(task);
    this.waiting[(prio / WORD) | 0]! |= 1 << (prio % WORD);
    this.size++;
  }

  /** The first task of the best priority that is better than `below`. */
  shift(below: number): LocalTask | undefined {
    const best = this.best();
    if (best >= below) return undefined;
    const queue = this.queues[best]!;
    const task = queue.shift();
    this.left(best);
    return task;
  }

  /** Does a task wait that is better than `prio`? */
  hasBetterThan(prio: number): boolean {
    return this.best() < prio;
  }

  /** The task, if it waits here, goes to the end of the queue of its new priority. */
  setPriority(task: LocalTask, prio: number): void {
    const before = task.prio;
    if (before === prio) return;
    task.prio = prio;
    if (this.queues[before]?.remove(task) !== true) return;
    this.left(before);
    this.push(task);
  }

  private left(prio: number): void {
    this.size--;
    if (this.queues[prio]!.length === 0) this.waiting[(prio / WORD) | 0]! &= ~(1 << (prio % WORD));
  }

  /** The best priority of those that wait; MAX_PRIO: none does. */
  private best(): number {
    for (let word = 0; word < this.waiting.length; word++) {
      const bits = this.waiting[word]!;
      // The lowest bit that is set.
      if (bits !== 0) return word * WORD + (WORD - 1 - Math.clz32(bits & -bits));
    }
    return MAX_PRIO;
  }
}
