/** Making, flushing and ending work queues. */
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { Errno } from '../errno.ts';
import { bugOn, warn } from '../fault.ts';
import { readString } from '../shared-string.ts';
import type { Sleeps } from '../sleeps.ts';
import { waitForEvent } from '../task/event.ts';
import { sleepLockWrite, sleepUnlockWrite } from '../task/sleep-lock.ts';
import { signalEvent } from '../task/waiters.ts';
import { PoolWorkqueue, WorkList, Worker, Workqueue } from './layouts.ts';
import { currentWorker, lockPwq, unlockPool } from './pool.ts';
import { MAX_WORKQUEUES } from './workqueue-parameters.ts';
import {
  newWorkqueue,
  pwqCount,
  WorkqueueState,
  workqueues,
  WQ_DFL_ACTIVE,
  WQ_HIGHPRI,
  WQ_MAX_ACTIVE,
  WQ_ORDERED,
  WQ_UNBOUND,
} from './workqueues.ts';

export interface WorkqueueOptions {
  /** WQ_UNBOUND, WQ_HIGHPRI, WQ_ORDERED. Default 0. */
  readonly flags?: number;
  /** Works of the queue that may run (or sleep) at the same time on one CPU: 1 to WQ_MAX_ACTIVE; 0 = WQ_DFL_ACTIVE. */
  readonly maxActive?: number;
}

/** Linux: alloc_workqueue(). Task context. Returns the queue, or -ENOMEM when there are as many as `workqueue.max`. */
export function allocWorkqueue(cpu: Cpu, name: string, options: WorkqueueOptions = {}): Ptr {
  const flags = options.flags ?? 0;
  const maxActive = options.maxActive ?? 0;
  if ((flags & ~(WQ_UNBOUND | WQ_HIGHPRI | WQ_ORDERED)) !== 0) {
    throw new RangeError(
      `allocWorkqueue ${name}: flags ${hex(flags)}; accepted are WQ_UNBOUND, WQ_HIGHPRI and WQ_ORDERED`,
    );
  }
  if (!Number.isInteger(maxActive) || maxActive < 0 || maxActive > WQ_MAX_ACTIVE) {
    throw new RangeError(
      `allocWorkqueue ${name}: maxActive ${maxActive}; accepted are whole numbers from 0 to ${WQ_MAX_ACTIVE}`,
    );
  }
  const state = cpu.use(workqueues);
  const full = cpu.memory.load(state + WorkqueueState.nrQueues) >= cpu.parameter(MAX_WORKQUEUES);
  return newWorkqueue(cpu, state, name, flags, maxActive || WQ_DFL_ACTIVE, full) || Errno.ENOMEM;
}

/** Linux: alloc_ordered_workqueue(). Its works run one at a time, in the order they were queued, whichever CPU queued them. */
export function allocOrderedWorkqueue(cpu: Cpu, name: string): Ptr {
  return allocWorkqueue(cpu, name, { flags: WQ_ORDERED | WQ_UNBOUND });
}

/**
 * Linux: flush_workqueue(). Sleeps until all works queued before the call have run. From a work of the same
 * queue it would wait for ever: a warning, and nothing else. May sleep.
 */
export function* flushWorkqueue(cpu: Cpu, workqueue: Ptr): Sleeps<void> {
  const { memory } = cpu;
  const worker = currentWorker(cpu);
  const own =
    worker !== 0 &&
    memory.read(memory.read(worker + Worker.pwq) + PoolWorkqueue.workqueue) === workqueue;
  if (
    warn(
      cpu,
      own,
      `workqueue: a work on ${nameOf(cpu, workqueue)} flushes ${nameOf(cpu, workqueue)}: it would wait for itself`,
    )
  ) {
    return;
  }
  yield* sleepLockWrite(cpu, workqueue + Workqueue.flushLock);
  memory.store(workqueue + Workqueue.flushDone, 0);
  memory.store(workqueue + Workqueue.flushTodo, 1);
  // Upwards: evacuate.ts tells by that which of two has been asked.
  for (let index = 0; index < pwqCount(cpu, workqueue); index++) changeColor(cpu, workqueue, index);
  // Our own share, held so that the last work does not end the flush before all have been asked.
  if (memory.fetchAdd(workqueue + Workqueue.flushTodo, -1) === 1)
    signalEvent(cpu, workqueue + Workqueue.flushDone);
  yield* waitForEvent(cpu, workqueue + Workqueue.flushDone);
  sleepUnlockWrite(cpu, workqueue + Workqueue.flushLock);
}

/** Works queued from here on are of the other colour; if any of the old one are left, the flush waits for them. */
function changeColor(cpu: Cpu, workqueue: Ptr, index: number): void {
  const { memory } = cpu;
  const pwq = memory.read(workqueue + Workqueue.pwqs) + index * PoolWorkqueue.size;
  const { pool, flags } = lockPwq(cpu, pwq);
  const color = memory.read(pwq + PoolWorkqueue.color);
  memory.write(pwq + PoolWorkqueue.color, color ^ 1);
  if (memory.read(pwq + PoolWorkqueue.inFlight + color * 4) !== 0) {
    memory.write(pwq + PoolWorkqueue.flushing, 1);
    memory.fetchAdd(workqueue + Workqueue.flushTodo, 1);
  }
  unlockPool(cpu, pool, flags);
}

/**
 * Linux: drain_workqueue(). Flushes until nothing is left. Meanwhile only works of the queue itself may queue
 * more; others are refused with a warning. May sleep.
 */
export function* drainWorkqueue(cpu: Cpu, workqueue: Ptr): Sleeps<void> {
  const { memory } = cpu;
  memory.fetchAdd(workqueue + Workqueue.draining, 1);
  let flushes = 0;
  do {
    yield* flushWorkqueue(cpu, workqueue);
    flushes++;
    warn(
      cpu,
      flushes === 10 || flushes % 100 === 0,
      `workqueue ${nameOf(cpu, workqueue)}: drain_workqueue() isn't complete after ${flushes} tries`,
    );
  } while (!isEmpty(cpu, workqueue));
  memory.fetchAdd(workqueue + Workqueue.draining, -1);
}

function isEmpty(cpu: Cpu, workqueue: Ptr): boolean {
  const { memory } = cpu;
  for (let index = 0; index < pwqCount(cpu, workqueue); index++) {
    const pwq = memory.read(workqueue + Workqueue.pwqs) + index * PoolWorkqueue.size;
    const { pool, flags } = lockPwq(cpu, pwq);
    const active = memory.read(pwq + PoolWorkqueue.nrActive);
    const inactive = memory.read(pwq + PoolWorkqueue.inactive + WorkList.first);
    unlockPool(cpu, pool, flags);
    if (active !== 0 || inactive !== 0) return false;
  }
  return true;
}

/** Linux: destroy_workqueue(). Drains the queue and ends it. Nobody may queue on it any more. Not one of the system's. May sleep. */
export function* destroyWorkqueue(cpu: Cpu, workqueue: Ptr): Sleeps<void> {
  const { memory } = cpu;
  const state = cpu.use(workqueues);
  for (const system of [
    WorkqueueState.events,
    WorkqueueState.eventsHighpri,
    WorkqueueState.eventsUnbound,
  ]) {
    bugOn(
      cpu,
      memory.read(state + system) === workqueue,
      'destroyWorkqueue: a queue of the system',
    );
  }
  bugOn(
    cpu,
    memory.load(workqueue + Workqueue.used) !== 1,
    `destroyWorkqueue: no work queue is at ${hex(workqueue)}`,
  );
  yield* drainWorkqueue(cpu, workqueue);
  memory.store(workqueue + Workqueue.used, 0);
}

function nameOf(cpu: Cpu, workqueue: Ptr): string {
  return readString(cpu.memory, workqueue + Workqueue.name);
}
