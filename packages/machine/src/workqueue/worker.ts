/**
 * kworker/N: takes works off its pool's list and runs them, one at a time.
 *
 * A pool keeps one worker running: while a work sleeps, the next worker takes over (`sleeps`), so that one
 * sleeping work does not hold up the others, and works that only compute do not crowd the CPU.
 */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { isSleeps } from '../sleeps.ts';
import type { Sleeps } from '../sleeps.ts';
import type { TaskWatcher } from '../task/local-task.ts';
import { condResched, schedule, setCurrentState } from '../task/schedule.ts';
import { TaskState } from '../task/task-layout.ts';
import { releaseWaiters } from '../task/waiters.ts';
import { evacuate } from './evacuate.ts';
import {
  PoolWorkqueue,
  WORK_PENDING,
  WorkList,
  Worker,
  WorkerPool,
  WorkStruct,
} from './layouts.ts';
import { kickPool, lockPool, unlockPool, workerRunning } from './pool.ts';
import { activateNext, leaveColor, noteIfDrained } from './pwq.ts';
import { removeWork } from './work-list.ts';

/** Linux: worker_thread(). */
export function* workerThread(cpu: Cpu, worker: Ptr): Sleeps<void> {
  const { memory } = cpu;
  const pool = memory.read(worker + Worker.pool);
  const watcher = watch(cpu, pool);
  for (;;) {
    if (memory.load(pool + WorkerPool.associated) === 0) evacuate(cpu, pool);
    const flags = lockPool(cpu, pool);
    beBusy(cpu, worker, pool);
    const work = nextWork(cpu, pool);
    if (work === 0) {
      memory.write(worker + Worker.idle, 1);
      addTo(cpu, pool + WorkerPool.nrRunning, -1);
      // Before the unlock: whoever queues after it finds us idle and asleep.
      setCurrentState(cpu, TaskState.interruptible);
      unlockPool(cpu, pool, flags);
      yield* schedule(cpu);
      continue;
    }
    take(cpu, worker, pool, work);
    unlockPool(cpu, pool, flags);
    yield* execute(cpu, worker, work, watcher);
    finish(cpu, worker, pool);
    yield* condResched(cpu);
  }
}

function beBusy(cpu: Cpu, worker: Ptr, pool: Ptr): void {
  setCurrentState(cpu, TaskState.running);
  if (cpu.memory.read(worker + Worker.idle) === 0) return;
  cpu.memory.write(worker + Worker.idle, 0);
  addTo(cpu, pool + WorkerPool.nrRunning, 1);
}

/** The first work that no other worker is running: that one would not be alone with itself. The worker that runs it comes back here. */
function nextWork(cpu: Cpu, pool: Ptr): Ptr {
  const { memory } = cpu;
  let work = memory.read(pool + WorkerPool.works + WorkList.first);
  while (work !== 0 && workerRunning(cpu, pool, work, memory.read(work + WorkStruct.func)) !== 0) {
    work = memory.read(work + WorkStruct.next);
  }
  return work;
}

/** From here on the work may be queued again. Under the lock. */
function take(cpu: Cpu, worker: Ptr, pool: Ptr, work: Ptr): void {
  const { memory } = cpu;
  removeWork(memory, pool + WorkerPool.works, work);
  memory.write(worker + Worker.work, work);
  memory.write(worker + Worker.func, memory.read(work + WorkStruct.func));
  memory.write(worker + Worker.pwq, memory.read(work + WorkStruct.pwq));
  memory.write(worker + Worker.color, memory.read(work + WorkStruct.color));
  memory.write(worker + Worker.flushers, memory.read(work + WorkStruct.flushers));
  memory.write(work + WorkStruct.flushers, 0);
  addTo(cpu, pool + WorkerPool.nrBusy, 1);
  // Last: who sets it again sees what the work did before, and its own changes are seen by the next run.
  memory.fetchAnd(work + WorkStruct.bits, ~WORK_PENDING >>> 0);
}

function* execute(cpu: Cpu, worker: Ptr, work: Ptr, watcher: TaskWatcher): Sleeps<void> {
  const { trace, memory } = cpu;
  // Not read from the work: its function may free it.
  const func = memory.read(worker + Worker.func);
  cpu.count('works');
  if (trace.workqueueExecuteStart.enabled) trace.workqueueExecuteStart.fire(work, func);
  cpu.scheduler.watch(watcher);
  const result = cpu.text.call(func, work);
  if (isSleeps(result)) yield* result;
  cpu.scheduler.watch(undefined);
  if (trace.workqueueExecuteEnd.enabled) trace.workqueueExecuteEnd.fire(work, func);
}

function finish(cpu: Cpu, worker: Ptr, pool: Ptr): void {
  const { memory } = cpu;
  const flags = lockPool(cpu, pool);
  const pwq = memory.read(worker + Worker.pwq);
  const flushers = memory.read(worker + Worker.flushers);
  memory.write(worker + Worker.work, 0);
  memory.write(worker + Worker.flushers, 0);
  addTo(cpu, pool + WorkerPool.nrBusy, -1);
  addTo(cpu, pwq + PoolWorkqueue.nrActive, -1);
  activateNext(cpu, pool, pwq);
  leaveColor(cpu, pwq, memory.read(worker + Worker.color));
  noteIfDrained(cpu, pool);
  releaseWaiters(cpu, flushers);
  unlockPool(cpu, pool, flags);
}

/** Linux: wq_worker_sleeping(), wq_worker_running(). */
function watch(cpu: Cpu, pool: Ptr): TaskWatcher {
  return {
    sleeps() {
      const flags = lockPool(cpu, pool);
      addTo(cpu, pool + WorkerPool.nrRunning, -1);
      kickPool(cpu, pool);
      unlockPool(cpu, pool, flags);
    },
    wakes() {
      const flags = lockPool(cpu, pool);
      addTo(cpu, pool + WorkerPool.nrRunning, 1);
      unlockPool(cpu, pool, flags);
    },
  };
}

function addTo(cpu: Cpu, at: Ptr, delta: number): void {
  cpu.memory.write(at, cpu.memory.read(at) + delta);
}
