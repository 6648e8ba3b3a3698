import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import type { Sleeps } from '../sleeps.ts';
import { mightSleep, schedule } from '../task/schedule.ts';
import { releaseWaiters } from '../task/waiters.ts';
import { hrtimerTryToCancel } from '../timer/hrtimer.ts';
import { Timed } from '../timer/timer-bases.ts';
import { waitForWork } from './flush-work.ts';
import {
  DelayedWork,
  OnList,
  PoolWorkqueue,
  WORK_CANCELLING,
  WORK_PENDING,
  WorkerPool,
  WorkStruct,
} from './layouts.ts';
import { lockPoolOfWork, unlockPool } from './pool.ts';
import { activateNext, leaveColor, noteIfDrained } from './pwq.ts';
import { removeWork } from './work-list.ts';

/**
 * What `tryToGrabPending` found. For the first three WORK_PENDING is set now and ours. `busy`: somebody with
 * interrupts off is between setting the bit and queueing. `cancelling`: a cancelWorkSync holds it.
 */
export type Grabbed = 'idle' | 'queued' | 'timer' | 'busy' | 'cancelling';

/** Linux: try_to_grab_pending(). Takes the work off its list or timer, and holds WORK_PENDING so that nobody queues it. Interrupts are off. */
function tryToGrabPending(cpu: Cpu, work: Ptr, delayed: boolean): Grabbed {
  const { memory } = cpu;
  if (delayed && hrtimerTryToCancel(cpu, work + DelayedWork.timer) === 1) return 'timer';
  const bits = memory.fetchOr(work + WorkStruct.bits, WORK_PENDING);
  if ((bits & WORK_PENDING) === 0) return 'idle';
  if ((bits & WORK_CANCELLING) !== 0) return 'cancelling';
  const { pool, flags, list } = lockPoolOfWork(cpu, work);
  if (pool === 0) return 'busy';
  if (list !== OnList.none) takeBack(cpu, pool, work, list);
  unlockPool(cpu, pool, flags);
  return list === OnList.none ? 'busy' : 'queued';
}

/** The same, waiting out who is busy: he has interrupts off, and will not be long. */
export function grabPending(cpu: Cpu, work: Ptr, delayed: boolean): Grabbed {
  let grabbed = tryToGrabPending(cpu, work, delayed);
  while (grabbed === 'busy') {
    // Only looks: locking the pool again and again would hold up the one we wait for.
    do cpu.relax();
    while (isInHand(cpu, work, delayed));
    grabbed = tryToGrabPending(cpu, work, delayed);
  }
  return grabbed;
}

/** Is it pending, and nowhere yet? */
function isInHand({ memory }: Cpu, work: Ptr, delayed: boolean): boolean {
  const bits = memory.load(work + WorkStruct.bits) & (WORK_PENDING | WORK_CANCELLING);
  if (bits !== WORK_PENDING) return false;
  if (memory.load(work + WorkStruct.list) !== OnList.none) return false;
  return !delayed || memory.load(work + DelayedWork.timer + Timed.queued) === 0;
}

function takeBack(cpu: Cpu, pool: Ptr, work: Ptr, list: number): void {
  const { memory } = cpu;
  const pwq = memory.read(work + WorkStruct.pwq);
  const active = list === OnList.pool;
  removeWork(memory, active ? pool + WorkerPool.works : pwq + PoolWorkqueue.inactive, work);
  const flushers = memory.read(work + WorkStruct.flushers);
  memory.write(work + WorkStruct.flushers, 0);
  if (active) {
    memory.write(pwq + PoolWorkqueue.nrActive, memory.read(pwq + PoolWorkqueue.nrActive) - 1);
    activateNext(cpu, pool, pwq);
  }
  leaveColor(cpu, pwq, memory.read(work + WorkStruct.color));
  noteIfDrained(cpu, pool);
  releaseWaiters(cpu, flushers);
}

/** Linux: cancel_work(). Takes the work back if it is pending, and returns whether it was. It may be running. Any context but NMI. */
export function cancelWork(cpu: Cpu, work: Ptr): boolean {
  return cancel(cpu, work, false);
}

/** Linux: cancel_delayed_work(). As `cancelWork`, for a delayed work. */
export function cancelDelayedWork(cpu: Cpu, dwork: Ptr): boolean {
  return cancel(cpu, dwork, true);
}

function cancel(cpu: Cpu, work: Ptr, delayed: boolean): boolean {
  const flags = cpu.localIrqSave();
  const grabbed = grabPending(cpu, work, delayed);
  // One that is being cancelled is not pending any more, and its bit is not ours.
  if (grabbed !== 'cancelling') clearBits(cpu, work, WORK_PENDING);
  cpu.localIrqRestore(flags);
  return grabbed === 'queued' || grabbed === 'timer';
}

function clearBits(cpu: Cpu, work: Ptr, bits: number): void {
  cpu.memory.fetchAnd(work + WorkStruct.bits, ~bits >>> 0);
}

/**
 * Linux: cancel_work_sync(). Takes the work back if it is pending, and returns whether it was. On return it
 * runs nowhere, even if it queues itself. From the work itself it would wait for ever: a warning, and
 * it goes on. May sleep.
 */
export function* cancelWorkSync(cpu: Cpu, work: Ptr): Sleeps<boolean> {
  return yield* cancelSync(cpu, work, false);
}

/** Linux: cancel_delayed_work_sync(). As `cancelWorkSync`, for a delayed work. */
export function* cancelDelayedWorkSync(cpu: Cpu, dwork: Ptr): Sleeps<boolean> {
  return yield* cancelSync(cpu, dwork, true);
}

function* cancelSync(cpu: Cpu, work: Ptr, delayed: boolean): Sleeps<boolean> {
  mightSleep(cpu);
  let grabbed = grabToCancel(cpu, work, delayed);
  while (grabbed === 'cancelling') {
    cpu.relax();
    yield* schedule(cpu);
    grabbed = grabToCancel(cpu, work, delayed);
  }
  yield* waitForWork(cpu, work, false, 'cancelWorkSync');
  clearBits(cpu, work, WORK_PENDING | WORK_CANCELLING);
  return grabbed !== 'idle';
}

function grabToCancel(cpu: Cpu, work: Ptr, delayed: boolean): Grabbed {
  const flags = cpu.localIrqSave();
  const grabbed = grabPending(cpu, work, delayed);
  if (grabbed !== 'cancelling') cpu.memory.fetchOr(work + WorkStruct.bits, WORK_CANCELLING);
  cpu.localIrqRestore(flags);
  return grabbed;
}
