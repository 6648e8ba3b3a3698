/** Who sleeps on which word: the futex queues of a simulated machine. First come, first woken, as `Atomics.notify` has it. */
import type { Ptr } from '@percpu/memory';
import type { Processor } from './processor.ts';

export class WaitTable {
  private readonly queues: Map<Ptr, Processor[]> = new Map<Ptr, Processor[]>();

  add(at: Ptr, sleeper: Processor): void {
    const queue = this.queues.get(at);
    if (queue === undefined) this.queues.set(at, [sleeper]);
    else queue.push(sleeper);
  }

  /** Takes up to `count` sleepers off the queue of `at`; the caller wakes them. */
  take(at: Ptr, count: number): Processor[] {
    const queue = this.queues.get(at);
    if (queue === undefined) return [];
    const taken = queue.splice(0, count);
    if (queue.length === 0) this.queues.delete(at);
    return taken;
  }

  /** Takes off one that wakes by itself: a timeout, a spurious wake-up. */
  remove(at: Ptr, sleeper: Processor): void {
    const queue = this.queues.get(at);
    const index = queue?.indexOf(sleeper) ?? -1;
    if (queue === undefined || index < 0) return;
    queue.splice(index, 1);
    if (queue.length === 0) this.queues.delete(at);
  }

  clear(): void {
    this.queues.clear();
  }
}
