/**
 * Where a CPU's timers are: two queues of the same make, one ordered by jiffies (timers), one by
 * nanoseconds (hrtimers). Both are in shared memory under a lock, because any CPU may cancel or move
 * any timer.
 *
 *   lock      raw spin lock, taken with interrupts off
 *   running   the timer whose function runs now: who wants to be sure that it is over waits for this word
 *   first     when the first one expires, KTIME_MAX if none: written under the lock, read without it by the CPU
 *             that programs its next event
 *
 * A timer's `base` word says on whose base it is, queued or not. It changes only under the lock of that
 * base, so after locking one looks again:
 *
 *   cpu n ──(lock n)──▶ MIGRATING ──(unlock n, lock m)──▶ cpu m
 */
import { layout } from '@percpu/memory';
import type { Layout, Memory, Ptr } from '@percpu/memory';
import type { Cpu } from '../cpu.ts';
import { rawSpinLock, rawSpinUnlock } from '../raw-spinlock.ts';
import type { CpuTimers } from './cpu-timers.ts';
import {
  timerqueueAdd,
  timerqueueDel,
  timerqueueExpires,
  timerqueueFirst,
  TimerqueueHead,
  TimerqueueNode,
} from './timerqueue.ts';

/** Linux: KTIME_MAX, as far as a number can count (104 days of nanoseconds). Also `first` of an empty queue: never. */
export const KTIME_MAX: number = Number.MAX_SAFE_INTEGER;

const baseFields = {
  /** Atomic: KTIME_MAX, or when the first node expires. */
  first: 'i64',
  /** Timers only: the first jiffy not handled yet. Under the lock. */
  clk: 'i64',
  lock: 'u32',
  /** Atomic. */
  running: 'ptr',
  queue: TimerqueueHead,
} as const;

/** Linux: struct timer_base, struct hrtimer_cpu_base. */
export const TimerBase: Layout<Record<'first' | 'clk' | 'lock' | 'running' | 'queue', unknown>> =
  layout(baseFields, {
    name: 'TimerBase',
    cacheAligned: true,
  });

const timedFields = {
  node: TimerqueueNode,
  /** Atomic: number of the CPU on whose base it is, or MIGRATING. */
  base: 'u32',
  /** Atomic: 1 while it is queued. */
  queued: 'u32',
  /** Kernel text, called with (cpu, timer). */
  function: 'ptr',
} as const;

/** What timers and hrtimers have in common; the first field of both. */
export const Timed: Layout<Record<'node' | 'base' | 'queued' | 'function', unknown>> = layout(
  timedFields,
  { name: 'Timed' },
);

/** On its way from one base to another. Linux: TIMER_MIGRATING, migration_base. */
const MIGRATING = 0xffff_ffff;

/** Which of the two queues. */
export type BaseKind = 'timers' | 'hrtimers';

/** A base that is locked. */
export interface LockedBase {
  readonly cpu: number;
  readonly at: Ptr;
}

/** Linux: lock_timer_base(). The base that `timer` is on, locked. Interrupts are off. */
export function lockBase(cpu: Cpu, all: CpuTimers, timer: Ptr, kind: BaseKind): LockedBase {
  const { memory } = cpu;
  for (;;) {
    const id = memory.load(timer + Timed.base);
    if (id !== MIGRATING) {
      const at = all.baseOf(kind, id);
      rawSpinLock(cpu, at + TimerBase.lock);
      if (memory.load(timer + Timed.base) === id) return { cpu: id, at };
      rawSpinUnlock(cpu, at + TimerBase.lock);
    }
    cpu.relax();
  }
}

/**
 * Linux: switch_hrtimer_base(). Takes `timer`, which is not queued, from `base` to that of CPU `target`,
 * and returns the base it is then on, locked. It stays where its function runs, so that whoever waits for
 * the end of it waits for the right word.
 */
export function moveToBase(
  cpu: Cpu,
  all: CpuTimers,
  timer: Ptr,
  kind: BaseKind,
  base: LockedBase,
  target: number,
): LockedBase {
  const { memory } = cpu;
  if (base.cpu === target || memory.load(base.at + TimerBase.running) === timer) return base;
  memory.store(timer + Timed.base, MIGRATING);
  rawSpinUnlock(cpu, base.at + TimerBase.lock);
  const at = all.baseOf(kind, target);
  rawSpinLock(cpu, at + TimerBase.lock);
  // Pairs with the loads in lockBase.
  memory.store(timer + Timed.base, target);
  return { cpu: target, at };
}

/** The caller holds the lock; `timer` is not queued. True: it is now the first. */
export function enqueue(memory: Memory, base: Ptr, timer: Ptr, expires: number): boolean {
  const first = timerqueueAdd(memory, base + TimerBase.queue, timer, expires);
  // Pairs with the load in CpuTimers.reprogram.
  if (first) memory.store64(base + TimerBase.first, expires);
  memory.store(timer + Timed.queued, 1);
  return first;
}

/** The caller holds the lock; `timer` is queued here. */
export function dequeue(memory: Memory, base: Ptr, timer: Ptr): void {
  const queue = base + TimerBase.queue;
  const wasFirst = timerqueueFirst(memory, queue) === timer;
  timerqueueDel(memory, queue, timer);
  memory.store(timer + Timed.queued, 0);
  if (!wasFirst) return;
  const next = timerqueueFirst(memory, queue);
  memory.store64(base + TimerBase.first, next === 0 ? KTIME_MAX : timerqueueExpires(memory, next));
}

/** Linux: detach_if_pending(). The caller holds the lock. Was it queued? */
export function dequeueIfQueued(memory: Memory, base: Ptr, timer: Ptr): boolean {
  if (memory.load(timer + Timed.queued) === 0) return false;
  dequeue(memory, base, timer);
  return true;
}

/** The first timer if it expires at `now` or before, else 0. The caller holds the lock. */
export function expired(memory: Memory, base: Ptr, now: number): Ptr {
  const first = timerqueueFirst(memory, base + TimerBase.queue);
  return first !== 0 && timerqueueExpires(memory, first) <= now ? first : 0;
}

/** Says that nothing runs any more, and wakes those who wait for it. The caller holds the lock. */
export function doneRunning(cpu: Cpu, base: Ptr): void {
  // Pairs with the loads of those who wait: what the function did is visible to them.
  cpu.memory.store(base + TimerBase.running, 0);
  cpu.unpark(base + TimerBase.running);
}
