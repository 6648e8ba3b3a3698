/**
 * A CPU goes down: the works on its pools' lists go to other CPUs. A work that runs here stays, and so does
 * its next instance until it is over, for it must not meet itself; the worker moves that when it comes
 * back. Works of ordered queues stay: the queue moves as a whole (workqueue-hotplug.ts).
 */
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { OnList, PoolWorkqueue, WorkerPool, WorkList, Workqueue, WorkStruct } from './layouts.ts';
import { lockTwoPools, unlockTwoPools, workerRunning } from './pool.ts';
import { activateNext, leaveColor, noteIfDrained } from './pwq.ts';
import { appendWork, removeWork } from './work-list.ts';
import { poolOf, pwqOf, WQ_HIGHPRI, WQ_ORDERED, workqueues } from './workqueues.ts';

/** Moves what may move off the list of `pool`, whose CPU this is. */
export function evacuate(cpu: Cpu, pool: Ptr): void {
  const heir = heirOf(cpu, pool);
  const flags = lockTwoPools(cpu, pool, heir);
  let work = firstMovable(cpu, pool);
  while (work !== 0) {
    move(cpu, work, pool, heir);
    work = firstMovable(cpu, pool);
  }
  noteIfDrained(cpu, pool);
  unlockTwoPools(cpu, pool, heir, flags);
}

/** The pool of the same kind on the next CPU that takes works. There is one, or ours would not be allowed to go. */
export function heirOf(cpu: Cpu, pool: Ptr): Ptr {
  const { memory, nrCpus } = cpu;
  const flags = memory.read(pool + WorkerPool.highpri) === 1 ? WQ_HIGHPRI : 0;
  for (let step = 1; ; step++) {
    const heir = poolOf(cpu, cpu.use(workqueues), (cpu.id + step) % nrCpus, flags);
    if (memory.load(heir + WorkerPool.associated) === 1) return heir;
    if (step % nrCpus === 0) cpu.relax();
  }
}

function firstMovable(cpu: Cpu, pool: Ptr): Ptr {
  const { memory } = cpu;
  let work = memory.read(pool + WorkerPool.works + WorkList.first);
  while (work !== 0) {
    const ordered = (flagsOf(cpu, work) & WQ_ORDERED) !== 0;
    const runs = workerRunning(cpu, pool, work, memory.read(work + WorkStruct.func)) !== 0;
    if (!ordered && !runs) break;
    work = memory.read(work + WorkStruct.next);
  }
  return work;
}

function flagsOf(cpu: Cpu, work: Ptr): number {
  const { memory } = cpu;
  const workqueue = memory.read(memory.read(work + WorkStruct.pwq) + PoolWorkqueue.workqueue);
  return memory.read(workqueue + Workqueue.flags);
}

/** Under both locks. The work keeps its colour: a flush that waits for it here then waits for it there. */
function move(cpu: Cpu, work: Ptr, from: Ptr, to: Ptr): void {
  const { memory } = cpu;
  const oldPwq = memory.read(work + WorkStruct.pwq);
  const workqueue = memory.read(oldPwq + PoolWorkqueue.workqueue);
  const newPwq = pwqOf(cpu, workqueue, memory.read(to + WorkerPool.cpu));
  removeWork(memory, from + WorkerPool.works, work);
  const color = memory.read(work + WorkStruct.color);
  const inFlight = newPwq + PoolWorkqueue.inFlight + color * 4;
  memory.write(inFlight, memory.read(inFlight) + 1);
  if (isFlushed(cpu, color, oldPwq, newPwq) && memory.read(newPwq + PoolWorkqueue.flushing) === 0) {
    memory.write(newPwq + PoolWorkqueue.flushing, 1);
    memory.fetchAdd(workqueue + Workqueue.flushTodo, 1);
  }
  memory.write(work + WorkStruct.pwq, newPwq);
  memory.store(work + WorkStruct.pool, to);
  appendWork(memory, newPwq + PoolWorkqueue.inactive, work, OnList.inactive);
  activateNext(cpu, to, newPwq);
  memory.write(oldPwq + PoolWorkqueue.nrActive, memory.read(oldPwq + PoolWorkqueue.nrActive) - 1);
  activateNext(cpu, from, oldPwq);
  leaveColor(cpu, oldPwq, color);
}

/**
 * Does a flush that has asked `to` already wait for a work of this colour? Of two pool-workqueues that differ, the flush
 * has asked the lower one (changeColor goes upwards). A work that has the new colour of the lower one came after the flush:
 * nobody waits for it in the higher one, which will have that colour too.
 */
function isFlushed(cpu: Cpu, color: number, from: Ptr, to: Ptr): boolean {
  const { memory } = cpu;
  if (color === memory.read(to + PoolWorkqueue.color)) return false;
  return color !== memory.read(from + PoolWorkqueue.color) || to < from;
}
