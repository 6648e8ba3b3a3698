/**
 * What happened on each CPU. Counting is two plain accesses to a word of one's own; the host reads the
 * words at any time, also of a machine that is stuck.
 */
import type { Memory, Ptr } from '@percpu/memory';
import { PerCpuLayout } from './machine-layout.ts';

/** What is counted, in the order of `PerCpuLayout.counters`. Each wraps at 2³². */
export const COUNTERS = [
  /** IPIs this CPU sent to others. */
  'ipisSent',
  /** IPIs this CPU took. */
  'ipisTaken',
  /** Hard interrupts of any kind taken, IPIs included. */
  'interrupts',
  /** Switches from one task to another. */
  'contextSwitches',
  /** Tasks this CPU made runnable. */
  'wakeups',
  /** Turns of spin loops. */
  'spins',
  /** Times a spin wait ran out of budget and slept. */
  'parks',
  /** Sleepers this CPU kicked after a store they waited for. */
  'unparks',
  /** Times the idle loop slept. */
  'idles',
  /** Soft irqs run. */
  'softirqs',
  /** Timers run. */
  'timers',
  /** Work items run. */
  'works',
  /** Functions run on behalf of other CPUs. */
  'callsRun',
  /** Scheduling-clock ticks. */
  'ticks',
] as const;

export type CounterName = (typeof COUNTERS)[number];

/** The counters of one CPU. */
export type CpuCounters = Readonly<Record<CounterName, number>>;

/** Byte offset of each counter within a per-CPU area. */
export const CounterOffset: Readonly<Record<CounterName, number>> = Object.freeze(
  Object.fromEntries(
    COUNTERS.map((name, index) => [name, PerCpuLayout.counters + index * 4]),
  ) as Record<CounterName, number>,
);

/** All counters of the CPU whose area is at `area`. */
export function readCounters(memory: Memory, area: Ptr): CpuCounters {
  const counters: Partial<Record<CounterName, number>> = {};
  for (const name of COUNTERS) counters[name] = memory.readOwn(area + CounterOffset[name]);
  return counters as CpuCounters;
}
