/** Queueing works. */
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { bugOn, warnOnce } from '../fault.ts';
import { readString } from '../shared-string.ts';
import {
  OnList,
  PoolWorkqueue,
  WORK_PENDING,
  Worker,
  WorkerPool,
  Workqueue,
  WorkStruct,
} from './layouts.ts';
import { currentWorker, lockPool, lockPwq, unlockPool, workerRunning } from './pool.ts';
import { addWork } from './pwq.ts';
import { pwqOf, systemWq, WQ_ORDERED } from './workqueues.ts';

/** Linux: INIT_WORK(). `func` is kernel text, called with (cpu, work). The work is not queued. Any context. */
export function initWork(cpu: Cpu, work: Ptr, func: Ptr): void {
  const { memory } = cpu;
  if (func === 0)
    throw new TypeError('initWork: no function; accepted is an address in kernel text');
  memory.describe(work, WorkStruct);
  memory.write(work + WorkStruct.func, func);
  memory.store(work + WorkStruct.list, OnList.none);
  memory.write(work + WorkStruct.flushers, 0);
  memory.store(work + WorkStruct.pool, 0);
  memory.store(work + WorkStruct.bits, 0);
}

/** Linux: work_pending(). Queued (or its timer runs), and not yet taken by a worker. Any context. */
export function workPending(cpu: Cpu, work: Ptr): boolean {
  return (cpu.memory.load(work + WorkStruct.bits) & WORK_PENDING) !== 0;
}

/**
 * Linux: queue_work(). A worker of this CPU will run the work, once. False when it is pending already: that run
 * will see everything written before this call. Any context but NMI.
 */
export function queueWork(cpu: Cpu, workqueue: Ptr, work: Ptr): boolean {
  return queueWorkOn(cpu, cpu.id, workqueue, work);
}

/** Linux: schedule_work(). On the system's own queue. */
export function scheduleWork(cpu: Cpu, work: Ptr): boolean {
  return queueWork(cpu, systemWq(cpu), work);
}

/**
 * Linux: queue_work_on(). As `queueWork`, by a worker of CPU `target`; of another one while that is offline. A
 * work that still runs somewhere is queued there, so it never runs on two CPUs at once.
 */
export function queueWorkOn(cpu: Cpu, target: number, workqueue: Ptr, work: Ptr): boolean {
  const { memory } = cpu;
  checkTarget(cpu, 'queueWorkOn', target);
  // Interrupts off: whoever finds the work pending but on no list knows that this will not last.
  const flags = cpu.localIrqSave();
  const pending = (memory.fetchOr(work + WorkStruct.bits, WORK_PENDING) & WORK_PENDING) !== 0;
  const queued = !pending && queuePending(cpu, target, workqueue, work);
  cpu.localIrqRestore(flags);
  return queued;
}

export function checkTarget(cpu: Cpu, who: string, target: number): void {
  if (Number.isInteger(target) && target >= 0 && target < cpu.nrCpus) return;
  throw new RangeError(`${who}: CPU ${target}; this machine has 0 to ${cpu.nrCpus - 1}`);
}

/** Linux: __queue_work(). The caller has set WORK_PENDING. Interrupts are off. */
export function queuePending(cpu: Cpu, target: number, workqueue: Ptr, work: Ptr): boolean {
  const { memory, trace } = cpu;
  const func = memory.read(work + WorkStruct.func);
  bugOn(
    cpu,
    func === 0,
    `queueWork: the work at ${hex(work)} was never set up; initWork does that`,
  );
  if (refused(cpu, workqueue)) {
    memory.fetchAnd(work + WorkStruct.bits, ~WORK_PENDING >>> 0);
    return false;
  }
  const { pool, pwq, flags } = lockPoolFor(cpu, target, workqueue, work, func);
  addWork(cpu, pool, pwq, work);
  const id = memory.read(pool + WorkerPool.cpu);
  unlockPool(cpu, pool, flags);
  if (trace.workqueueQueueWork.enabled) trace.workqueueQueueWork.fire(work, func, workqueue, id);
  return true;
}

/** A queue that drains takes works only from its own; one that is gone takes none. */
function refused(cpu: Cpu, workqueue: Ptr): boolean {
  const { memory } = cpu;
  const name = (): string => readString(memory, workqueue + Workqueue.name);
  bugOn(
    cpu,
    memory.load(workqueue + Workqueue.used) !== 1,
    `queueWork: no work queue is at ${hex(workqueue)}`,
  );
  if (memory.load(workqueue + Workqueue.draining) === 0) return false;
  const worker = cpu.inInterrupt() ? 0 : currentWorker(cpu);
  const own =
    worker !== 0 &&
    memory.read(memory.read(worker + Worker.pwq) + PoolWorkqueue.workqueue) === workqueue;
  return warnOnce(cpu, !own, `workqueue: cannot queue on ${name()}, which is being drained`);
}

interface LockedPool {
  readonly pool: Ptr;
  readonly pwq: Ptr;
  readonly flags: number;
}

/** Locks the pool that is to get the work: where it still runs, else that of `target`, else one that is up. */
function lockPoolFor(cpu: Cpu, target: number, workqueue: Ptr, work: Ptr, func: Ptr): LockedPool {
  const { memory, nrCpus } = cpu;
  const running = lockWhereItRuns(cpu, workqueue, work, func);
  if (running !== undefined) return running;
  const ordered = (memory.read(workqueue + Workqueue.flags) & WQ_ORDERED) !== 0;
  for (let tried = 0; ; tried++) {
    const pwq = pwqOf(cpu, workqueue, (target + tried) % nrCpus);
    const { pool, flags } = lockPwq(cpu, pwq);
    if (ordered || memory.load(pool + WorkerPool.associated) === 1) return { pool, pwq, flags };
    unlockPool(cpu, pool, flags);
    // One CPU is always up; going round again means that CPUs come and go.
    if (tried % nrCpus === nrCpus - 1) cpu.relax();
  }
}

/** Linux: the non-reentrancy rule of __queue_work(). */
function lockWhereItRuns(cpu: Cpu, workqueue: Ptr, work: Ptr, func: Ptr): LockedPool | undefined {
  const { memory } = cpu;
  const pool = memory.load(work + WorkStruct.pool);
  if (pool === 0) return undefined;
  const flags = lockPool(cpu, pool);
  const worker = workerRunning(cpu, pool, work, func);
  if (worker !== 0) {
    const pwq = memory.read(worker + Worker.pwq);
    if (memory.read(pwq + PoolWorkqueue.workqueue) === workqueue) return { pool, pwq, flags };
  }
  unlockPool(cpu, pool, flags);
  return undefined;
}
