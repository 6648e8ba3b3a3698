/** Work queues and CPUs that come and go. */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import type { Sleeps } from '../sleeps.ts';
import { waitForEvent } from '../task/event.ts';
import { DELAYED_WORK_TIMER, delayedWorkTimer } from './delayed-work.ts';
import { PoolWorkqueue, WorkList, WorkerPool, Workqueue, WorkStruct } from './layouts.ts';
import { evacuate, heirOf } from './evacuate.ts';
import { lockPool, lockTwoPools, unlockPool, unlockTwoPools, WORKER_THREAD } from './pool.ts';
import { activateNext } from './pwq.ts';
import { workerThread } from './worker.ts';
import { poolOf, WorkqueueState, workqueues, WQ_HIGHPRI, WQ_ORDERED } from './workqueues.ts';

const POOL_FLAGS: readonly number[] = [0, WQ_HIGHPRI];

/** When a CPU starts, once: from here on works may be queued on it. */
export function attachWorkqueues(cpu: Cpu): void {
  cpu.text.define(WORKER_THREAD, workerThread);
  cpu.text.define(DELAYED_WORK_TIMER, delayedWorkTimer);
  cpu.text.define('workqueueOnlineCpu', (self) => setAssociated(self, 1));
  cpu.text.define('workqueueOfflineCpu', offline);
  setAssociated(cpu, 1);
}

function setAssociated(cpu: Cpu, associated: number): number {
  for (const flags of POOL_FLAGS) {
    const pool = poolOf(cpu, cpu.use(workqueues), cpu.id, flags);
    const irq = lockPool(cpu, pool);
    cpu.memory.store(pool + WorkerPool.drained, 0);
    cpu.memory.store(pool + WorkerPool.associated, associated);
    unlockPool(cpu, pool, irq);
  }
  return 0;
}

/**
 * On the CPU that goes: new works go elsewhere from here on, and so do those that wait here; those that run are
 * waited for (one that sleeps long holds the CPU up that long); then ordered queues move.
 */
function* offline(cpu: Cpu): Sleeps<number> {
  setAssociated(cpu, 0);
  for (const flags of POOL_FLAGS) {
    const pool = poolOf(cpu, cpu.use(workqueues), cpu.id, flags);
    evacuate(cpu, pool);
    yield* waitForEvent(cpu, pool + WorkerPool.drained);
    moveOrdered(cpu, pool, flags);
  }
  return 0;
}

/** Ordered queues at home in `pool`, none of whose works runs any more, get a new home. */
function moveOrdered(cpu: Cpu, pool: Ptr, poolFlags: number): void {
  const { memory } = cpu;
  const state = cpu.use(workqueues);
  const heir = heirOf(cpu, pool);
  for (
    let at = memory.load(state + WorkqueueState.queues);
    at !== 0;
    at = memory.read(at + Workqueue.next)
  ) {
    if (memory.load(at + Workqueue.used) !== 1) continue;
    const flags = memory.read(at + Workqueue.flags);
    if ((flags & WQ_ORDERED) === 0 || (flags & WQ_HIGHPRI) !== poolFlags) continue;
    const pwq = memory.read(at + Workqueue.pwqs);
    if (memory.load(pwq + PoolWorkqueue.pool) === pool) rehome(cpu, pwq, pool, heir);
  }
}

function rehome(cpu: Cpu, pwq: Ptr, from: Ptr, to: Ptr): void {
  const { memory } = cpu;
  const flags = lockTwoPools(cpu, from, to);
  memory.store(pwq + PoolWorkqueue.pool, to);
  let work = memory.read(pwq + PoolWorkqueue.inactive + WorkList.first);
  while (work !== 0) {
    memory.store(work + WorkStruct.pool, to);
    work = memory.read(work + WorkStruct.next);
  }
  activateNext(cpu, to, pwq);
  unlockTwoPools(cpu, from, to, flags);
}
