/** What a pool-workqueue counts. All under the lock of its pool. */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { signalEvent } from '../task/waiters.ts';
import { OnList, PoolWorkqueue, WorkList, WorkerPool, Workqueue, WorkStruct } from './layouts.ts';
import { kickPool } from './pool.ts';
import { appendWork, removeWork } from './work-list.ts';
import { WQ_ORDERED } from './workqueues.ts';

/** Puts a work on the pool's list, or behind those whose turn has not come. */
export function addWork(cpu: Cpu, pool: Ptr, pwq: Ptr, work: Ptr): void {
  const { memory } = cpu;
  const color = memory.read(pwq + PoolWorkqueue.color);
  const inFlight = pwq + PoolWorkqueue.inFlight + color * 4;
  memory.write(work + WorkStruct.pwq, pwq);
  memory.write(work + WorkStruct.color, color);
  memory.write(work + WorkStruct.flushers, 0);
  // A1 of lockPoolOfWork: before the work is on a list.
  memory.store(work + WorkStruct.pool, pool);
  memory.write(inFlight, memory.read(inFlight) + 1);
  appendWork(memory, pwq + PoolWorkqueue.inactive, work, OnList.inactive);
  activateNext(cpu, pool, pwq);
}

/** Linux: pwq_activate_first_inactive(). The next work of the queue gets its turn, if one is allowed. */
export function activateNext(cpu: Cpu, pool: Ptr, pwq: Ptr): void {
  const { memory, trace } = cpu;
  const work = memory.read(pwq + PoolWorkqueue.inactive + WorkList.first);
  if (work !== 0 && mayActivate(cpu, pool, pwq)) {
    removeWork(memory, pwq + PoolWorkqueue.inactive, work);
    appendWork(memory, pool + WorkerPool.works, work, OnList.pool);
    memory.write(pwq + PoolWorkqueue.nrActive, memory.read(pwq + PoolWorkqueue.nrActive) + 1);
    if (trace.workqueueActivateWork.enabled) {
      trace.workqueueActivateWork.fire(work, memory.read(work + WorkStruct.func));
    }
  }
  kickPool(cpu, pool);
}

function mayActivate(cpu: Cpu, pool: Ptr, pwq: Ptr): boolean {
  const { memory } = cpu;
  const workqueue = memory.read(pwq + PoolWorkqueue.workqueue);
  if (memory.read(pwq + PoolWorkqueue.nrActive) >= memory.read(workqueue + Workqueue.maxActive))
    return false;
  // An ordered queue whose CPU goes down waits until it has moved.
  const ordered = (memory.read(workqueue + Workqueue.flags) & WQ_ORDERED) !== 0;
  return !ordered || memory.load(pool + WorkerPool.associated) === 1;
}

/** Nothing queued, nothing running: a CPU that goes down need wait no longer. */
export function noteIfDrained(cpu: Cpu, pool: Ptr): void {
  const { memory } = cpu;
  if (memory.load(pool + WorkerPool.associated) === 1 || !isDrained(cpu, pool)) return;
  signalEvent(cpu, pool + WorkerPool.drained);
}

function isDrained(cpu: Cpu, pool: Ptr): boolean {
  const { memory } = cpu;
  if (memory.read(pool + WorkerPool.nrBusy) !== 0) return false;
  return memory.read(pool + WorkerPool.works + WorkList.first) === 0;
}

/** A work of that colour is over or taken back: the last one lets the flush go on. */
export function leaveColor(cpu: Cpu, pwq: Ptr, color: number): void {
  const { memory } = cpu;
  const inFlight = pwq + PoolWorkqueue.inFlight + color * 4;
  const left = memory.read(inFlight) - 1;
  memory.write(inFlight, left);
  const flushed = memory.read(pwq + PoolWorkqueue.flushing) === 1;
  if (left !== 0 || !flushed || color === memory.read(pwq + PoolWorkqueue.color)) return;
  memory.write(pwq + PoolWorkqueue.flushing, 0);
  const workqueue = memory.read(pwq + PoolWorkqueue.workqueue);
  if (cpu.memory.fetchAdd(workqueue + Workqueue.flushTodo, -1) === 1)
    signalEvent(cpu, workqueue + Workqueue.flushDone);
}
