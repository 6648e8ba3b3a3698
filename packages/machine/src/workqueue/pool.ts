/** Worker pools: who runs a work, and waking somebody who will. Linux: kernel/workqueue.c, "concurrency managed". */
import { memblockAlloc } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { warnOnce } from '../fault.ts';
import { rawSpinLockIrqsave, rawSpinUnlockIrqrestore } from '../raw-spinlock.ts';
import { kthreadCreateOnCpu } from '../task/kthread.ts';
import { currentTask } from '../task/schedule.ts';
import { Task, TaskClass } from '../task/task-layout.ts';
import { wakeUpProcess } from '../task/wake-up.ts';
import { OnList, PoolWorkqueue, WorkList, Worker, WorkerPool, WorkStruct } from './layouts.ts';
import { MAX_WORKERS } from './workqueue-parameters.ts';
import { poolOf, WQ_HIGHPRI, workqueues } from './workqueues.ts';

export const WORKER_THREAD = 'workerThread';

export function lockPool(cpu: Cpu, pool: Ptr): number {
  return rawSpinLockIrqsave(cpu, pool + WorkerPool.lock);
}

export function unlockPool(cpu: Cpu, pool: Ptr, flags: number): void {
  rawSpinUnlockIrqrestore(cpu, pool + WorkerPool.lock, flags);
}

/** Locks the pool that `word` (of a pool-workqueue or a work) names; it may change until we hold the lock. 0: it names none, nothing is locked. */
function lockNamedPool(cpu: Cpu, word: Ptr): { readonly pool: Ptr; readonly flags: number } {
  for (;;) {
    const pool = cpu.memory.load(word);
    if (pool === 0) return { pool, flags: 0 };
    const flags = lockPool(cpu, pool);
    // Only changed under the lock of the pool it names.
    if (cpu.memory.load(word) === pool) return { pool, flags };
    unlockPool(cpu, pool, flags);
    cpu.relax();
  }
}

/**
 * Locks the pool that a work was queued on last, and says which list it is on. 0: it never was, nothing is locked.
 *
 *   who queues it elsewhere (addWork)   here, holding the lock of the old pool
 *   A1 pool = new one                   L1 list
 *   A2 list = inactive                  L2 pool still the old one?
 *
 * The lock of the old pool does not keep A1 and A2 away. If L1 sees A2, then L2 sees A1, and we look again.
 */
export function lockPoolOfWork(
  cpu: Cpu,
  work: Ptr,
): { readonly pool: Ptr; readonly flags: number; readonly list: number } {
  for (;;) {
    const { pool, flags } = lockNamedPool(cpu, work + WorkStruct.pool);
    if (pool === 0) return { pool, flags, list: OnList.none };
    const list = cpu.memory.load(work + WorkStruct.list);
    if (cpu.memory.load(work + WorkStruct.pool) === pool) return { pool, flags, list };
    unlockPool(cpu, pool, flags);
    cpu.relax();
  }
}

/** Locks two pools, lower address first, as everybody does who holds two. */
export function lockTwoPools(cpu: Cpu, one: Ptr, other: Ptr): number {
  const flags = lockPool(cpu, Math.min(one, other));
  lockPool(cpu, Math.max(one, other));
  return flags;
}

export function unlockTwoPools(cpu: Cpu, one: Ptr, other: Ptr, flags: number): void {
  unlockPool(cpu, Math.max(one, other), 1);
  unlockPool(cpu, Math.min(one, other), flags);
}

/** As `lockNamedPool`, for a pool-workqueue. */
export function lockPwq(cpu: Cpu, pwq: Ptr): { readonly pool: Ptr; readonly flags: number } {
  return lockNamedPool(cpu, pwq + PoolWorkqueue.pool);
}

/** Linux: find_worker_executing_work(). Who runs `work` now, or 0. The function is compared too: the struct may have been used again. Under the lock. */
export function workerRunning(cpu: Cpu, pool: Ptr, work: Ptr, func: Ptr): Ptr {
  const { memory } = cpu;
  let worker = memory.read(pool + WorkerPool.workers);
  while (worker !== 0) {
    const same =
      memory.read(worker + Worker.work) === work && memory.read(worker + Worker.func) === func;
    if (same) break;
    worker = memory.read(worker + Worker.next);
  }
  return worker;
}

/** The worker that the running task is, or 0. */
export function currentWorker(cpu: Cpu): Ptr {
  const { memory } = cpu;
  const me = currentTask(cpu);
  for (const flags of [0, WQ_HIGHPRI]) {
    const pool = poolOf(cpu, cpu.use(workqueues), cpu.id, flags);
    const irq = lockPool(cpu, pool);
    let worker = memory.read(pool + WorkerPool.workers);
    while (worker !== 0 && memory.read(worker + Worker.task) !== me)
      worker = memory.read(worker + Worker.next);
    unlockPool(cpu, pool, irq);
    if (worker !== 0) return worker;
  }
  return 0;
}

/** Linux: kick_pool(). If there are works and nobody is about to take them, wakes a worker, or makes one. Under the lock. */
export function kickPool(cpu: Cpu, pool: Ptr): void {
  const { memory } = cpu;
  if (memory.read(pool + WorkerPool.works + WorkList.first) === 0) return;
  if (memory.read(pool + WorkerPool.nrRunning) !== 0) return;
  let worker = memory.read(pool + WorkerPool.workers);
  while (worker !== 0 && memory.read(worker + Worker.idle) === 0)
    worker = memory.read(worker + Worker.next);
  if (worker === 0) worker = createWorker(cpu, pool);
  if (worker !== 0) wakeUpProcess(cpu, memory.read(worker + Worker.task));
}

/** Linux: create_worker(). 0 when there are as many as may be; then the works wait for a worker to wake up. */
function createWorker(cpu: Cpu, pool: Ptr): Ptr {
  const { memory } = cpu;
  const count = memory.read(pool + WorkerPool.nrWorkers);
  if (count === cpu.parameter(MAX_WORKERS)) return 0;
  const id = memory.read(pool + WorkerPool.cpu);
  const highpri = memory.read(pool + WorkerPool.highpri) === 1;
  const name = `kworker/${id}:${count}${highpri ? 'H' : ''}`;
  const task = kthreadCreateOnCpu(cpu, id, cpu.text.lookup(WORKER_THREAD), 0, name, {
    class: highpri ? TaskClass.realtime : TaskClass.normal,
  });
  if (
    warnOnce(
      cpu,
      task < 0,
      `workqueue: no task slot for ${name}; boot parameter tasks.max sets how many there are`,
    )
  )
    return 0;
  const worker = memblockAlloc(memory, Worker.size, Worker.align);
  memory.describe(worker, Worker, name);
  // It has not run yet, so its struct is still ours to fill.
  memory.write(task + Task.data, worker);
  memory.write(worker + Worker.task, task);
  memory.write(worker + Worker.pool, pool);
  // Until its first turn it counts as idle, so that a second kick wakes it and makes no other.
  memory.write(worker + Worker.idle, 1);
  memory.write(worker + Worker.next, memory.read(pool + WorkerPool.workers));
  memory.write(pool + WorkerPool.workers, worker);
  memory.write(pool + WorkerPool.nrWorkers, count + 1);
  return worker;
}
