/**
 * A one-shot event: one word, 0 at first.
 *
 *   0 ──▶ newest waiting task ──▶ … ──▶ EVENT_DONE
 *
 * Enough for what the machine itself waits for (a task's end, a work item, a stop of all CPUs); completions
 * and wait queues for everybody are in @percpu/locks.
 */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import type { Sleeps } from '../sleeps.ts';
import { currentTask, schedule, setCurrentState } from './schedule.ts';
import { Task, TaskState } from './task-layout.ts';
import { EVENT_DONE } from './waiters.ts';

/** Linux: wait_for_completion(). Sleeps until `signalEvent`. The event must outlive the wait. */
export function* waitForEvent(cpu: Cpu, event: Ptr): Sleeps<void> {
  const { memory } = cpu;
  const me = currentTask(cpu);
  let head = memory.load(event);
  if (head === EVENT_DONE) return;
  memory.store(me + Task.waiting, 1);
  for (;;) {
    memory.write(me + Task.waitNext, head);
    const seen = memory.compareExchange(event, head, me);
    if (seen === head) break;
    if (seen === EVENT_DONE) {
      memory.store(me + Task.waiting, 0);
      return;
    }
    head = seen;
  }
  yield* waitReleased(cpu);
}

/** Has it happened? Any context. */
export function eventDone(cpu: Cpu, event: Ptr): boolean {
  return cpu.memory.load(event) === EVENT_DONE;
}

/** Sleeps until this task's `waiting` word is cleared. Its caller has joined a list of waiters. */
export function* waitReleased(cpu: Cpu): Sleeps<void> {
  const waiting = currentTask(cpu) + Task.waiting;
  for (;;) {
    setCurrentState(cpu, TaskState.uninterruptible);
    // Pairs with the store in releaseWaiters.
    if (cpu.memory.load(waiting) === 0) break;
    yield* schedule(cpu);
  }
  setCurrentState(cpu, TaskState.running);
}
