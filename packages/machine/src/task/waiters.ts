/**
 * Releasing tasks that wait in a list: chains of task structs, linked by `waitNext`. A task is in at most
 * one such list, and leaves it only when its `waiting` word is cleared, never on a mere wake-up: until
 * then its link belongs to the list.
 *
 *   waiter                                  releaser
 *   store(waiting, 1)                       take the chain off the list
 *   join the list                           next = waitNext
 *   until waiting = 0: sleep                store(waiting, 0)     the waiter may be gone from here on
 *                                           wake it up            at worst a spurious wake-up of its successor
 */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { Task, TASK_NORMAL } from './task-layout.ts';
import { wakeUpState } from './wake-up.ts';

/** Value of an event word that has been signalled. No task struct lives there. */
export const EVENT_DONE: number = 1;

/** Lets all waiters of a chain go that the caller has taken off its list. Any context. */
export function releaseWaiters(cpu: Cpu, first: Ptr): void {
  const { memory } = cpu;
  let waiter = first;
  while (waiter !== 0) {
    const next = memory.read(waiter + Task.waitNext);
    // Publishes what the releaser did; pairs with the load in waitReleased.
    memory.store(waiter + Task.waiting, 0);
    wakeUpState(cpu, waiter, TASK_NORMAL);
    waiter = next;
  }
}

/** Linux: complete_all(). The event has happened; whoever waits for it goes on. Once is enough. Any context. */
export function signalEvent(cpu: Cpu, event: Ptr): void {
  const { memory } = cpu;
  // Pairs with the load and the compare-exchange in waitForEvent.
  const first = memory.exchange(event, EVENT_DONE);
  // Plain waiters (a stopper with interrupts off) look at the word itself.
  cpu.unpark(event);
  if (first !== EVENT_DONE) releaseWaiters(cpu, first);
}
