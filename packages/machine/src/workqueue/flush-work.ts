import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { warn } from '../fault.ts';
import type { Sleeps } from '../sleeps.ts';
import { waitReleased } from '../task/event.ts';
import { currentTask, mightSleep } from '../task/schedule.ts';
import { Task } from '../task/task-layout.ts';
import { OnList, Worker, WorkStruct } from './layouts.ts';
import { lockPoolOfWork, unlockPool, workerRunning } from './pool.ts';

/**
 * Linux: flush_work(). Sleeps until the work, as it was queued last before this call, has run. Returns whether
 * there was anything to wait for. A delayed work whose timer runs is not waited for: `flushDelayedWork`. From
 * the work itself it would wait for ever: a warning, and false. May sleep.
 */
export function* flushWork(cpu: Cpu, work: Ptr): Sleeps<boolean> {
  return yield* waitForWork(cpu, work, true, 'flushWork');
}

/** Waits until the work runs nowhere; with `pending`, also for the instance that is queued. */
export function* waitForWork(cpu: Cpu, work: Ptr, pending: boolean, who: string): Sleeps<boolean> {
  mightSleep(cpu);
  const { memory } = cpu;
  const { pool, flags, list } = lockPoolOfWork(cpu, work);
  if (pool === 0) return false;
  const queued = list !== OnList.none;
  const worker = workerRunning(cpu, pool, work, memory.read(work + WorkStruct.func));
  const own = worker !== 0 && memory.read(worker + Worker.task) === currentTask(cpu);
  const joins = !own && ((queued && pending) || worker !== 0);
  if (joins)
    joinFlushers(cpu, queued && pending ? work + WorkStruct.flushers : worker + Worker.flushers);
  unlockPool(cpu, pool, flags);
  warn(cpu, own, `workqueue: ${who} of the work at ${hex(work)} by itself would wait for ever`);
  if (joins) yield* waitReleased(cpu);
  return joins;
}

function joinFlushers(cpu: Cpu, head: Ptr): void {
  const { memory } = cpu;
  const me = currentTask(cpu);
  memory.write(me + Task.waitNext, memory.read(head));
  memory.store(me + Task.waiting, 1);
  memory.write(head, me);
}
