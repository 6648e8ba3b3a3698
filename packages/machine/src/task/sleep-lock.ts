/**
 * The reader-writer sleeping lock of the machine's own parts (CPU hotplug, stopMachine, work queues). First
 * come, first served, by hand-over: a lock that is released with tasks waiting is theirs at once. Locks for
 * everybody are in @percpu/locks.
 *
 *   readers     0…n         ─┐ at most one of the two is not 0
 *   writer      0 or 1      ─┘
 *   first, last waiting tasks, linked by waitNext
 */
import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { bugOn } from '../fault.ts';
import { cpuOnline } from '../online.ts';
import { rawSpinLockIrqsave, rawSpinUnlockIrqrestore } from '../raw-spinlock.ts';
import type { Sleeps } from '../sleeps.ts';
import { waitReleased } from './event.ts';
import { currentTask, mightSleep } from './schedule.ts';
import { Task } from './task-layout.ts';
import { releaseWaiters } from './waiters.ts';

const fields = {
  /** Guards the rest; taken in any context. */
  lock: 'u32',
  readers: 'u32',
  writer: 'u32',
  first: 'ptr',
  last: 'ptr',
} as const;

export const SleepLock: Layout<typeof fields> = layout(fields, { name: 'SleepLock' });

/** `Task.waitKind`. */
const READ = 0;
const WRITE = 1;

/** Linux: down_read(). Shared with other readers. May sleep. */
export function* sleepLockRead(cpu: Cpu, at: Ptr): Sleeps<void> {
  yield* take(cpu, at, READ);
}

/** Linux: down_write(). Exclusive. May sleep. */
export function* sleepLockWrite(cpu: Cpu, at: Ptr): Sleeps<void> {
  yield* take(cpu, at, WRITE);
}

/** Linux: up_read(). Any context. */
export function sleepUnlockRead(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  const flags = rawSpinLockIrqsave(cpu, at + SleepLock.lock);
  const readers = memory.read(at + SleepLock.readers);
  bugOn(cpu, readers === 0, 'sleepUnlockRead: nobody holds the lock for reading');
  memory.write(at + SleepLock.readers, readers - 1);
  grant(cpu, at, flags);
}

/** Linux: up_write(). Any context. */
export function sleepUnlockWrite(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  const flags = rawSpinLockIrqsave(cpu, at + SleepLock.lock);
  bugOn(
    cpu,
    memory.read(at + SleepLock.writer) === 0,
    'sleepUnlockWrite: nobody holds the lock for writing',
  );
  memory.write(at + SleepLock.writer, 0);
  grant(cpu, at, flags);
}

function* take(cpu: Cpu, at: Ptr, kind: number): Sleeps<void> {
  mightSleep(cpu);
  const { memory } = cpu;
  const flags = rawSpinLockIrqsave(cpu, at + SleepLock.lock);
  const first = memory.read(at + SleepLock.first);
  // Behind those who wait already, even if a reader could join the readers: no writer starves.
  if (first === 0 && account(cpu, at, kind)) {
    rawSpinUnlockIrqrestore(cpu, at + SleepLock.lock, flags);
    return;
  }
  const me = currentTask(cpu);
  memory.write(me + Task.waitNext, 0);
  memory.write(me + Task.waitKind, kind);
  memory.store(me + Task.waiting, 1);
  if (first === 0) memory.write(at + SleepLock.first, me);
  else memory.write(memory.read(at + SleepLock.last) + Task.waitNext, me);
  memory.write(at + SleepLock.last, me);
  // Those before us may all be on CPUs that are offline.
  grant(cpu, at, flags);
  yield* waitReleased(cpu);
}

/** Takes the lock for one more if its state allows. Under `lock`. */
function account(cpu: Cpu, at: Ptr, kind: number): boolean {
  const { memory } = cpu;
  if (memory.read(at + SleepLock.writer) !== 0) return false;
  const readers = memory.read(at + SleepLock.readers);
  if (kind === WRITE && readers !== 0) return false;
  if (kind === WRITE) memory.write(at + SleepLock.writer, 1);
  else memory.write(at + SleepLock.readers, readers + 1);
  return true;
}

/**
 * Hands the lock to the first who waits: a writer, or readers up to the next writer. Drops `lock`. Tasks of
 * an offline CPU are passed over, for they could not give it back; a CPU comes up under the hotplug lock,
 * and its release comes here again.
 */
function grant(cpu: Cpu, at: Ptr, flags: number): void {
  const { memory } = cpu;
  let granted = 0;
  let lastGranted = 0;
  let before = 0;
  let waiter = memory.read(at + SleepLock.first);
  while (waiter !== 0) {
    const next = memory.read(waiter + Task.waitNext);
    if (!cpuOnline(memory, cpu.machine, memory.load(waiter + Task.cpu))) before = waiter;
    else if (!account(cpu, at, memory.read(waiter + Task.waitKind))) break;
    else {
      unlink(cpu, at, before, waiter, next);
      if (lastGranted === 0) granted = waiter;
      else memory.write(lastGranted + Task.waitNext, waiter);
      memory.write(waiter + Task.waitNext, 0);
      lastGranted = waiter;
    }
    waiter = next;
  }
  rawSpinUnlockIrqrestore(cpu, at + SleepLock.lock, flags);
  releaseWaiters(cpu, granted);
}

function unlink(cpu: Cpu, at: Ptr, before: Ptr, waiter: Ptr, next: Ptr): void {
  const { memory } = cpu;
  if (before === 0) memory.write(at + SleepLock.first, next);
  else memory.write(before + Task.waitNext, next);
  if (memory.read(at + SleepLock.last) === waiter) memory.write(at + SleepLock.last, before);
}
