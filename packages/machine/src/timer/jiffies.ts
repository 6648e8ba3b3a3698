/**
 * Jiffies: time in steps of 1/HZ second since boot. Derived from the clock, not counted by ticks, so
 * they are right on a CPU that had none for a while. A number, exact up to 2⁵³: they do not wrap, and
 * plain comparison takes the place of time_after().
 */
import type { Cpu } from '../cpu.ts';
import { TIMER_HZ } from './timer-parameters.ts';

const NS_PER_SECOND = 1e9;
const MS_PER_SECOND = 1e3;

/** Linux: MAX_JIFFY_OFFSET. What a time too long to tell becomes. */
export const MAX_JIFFY_OFFSET: number = 2 ** 52;

/** Linux: HZ. */
export function hz(cpu: Cpu): number {
  return cpu.parameter(TIMER_HZ);
}

/** Linux: TICK_NSEC. Nanoseconds of a jiffy. */
export function tickNsec(cpu: Cpu): number {
  return Math.round(NS_PER_SECOND / hz(cpu));
}

/** Linux: jiffies. One look at the clock. Any context. */
export function jiffies(cpu: Cpu): number {
  return Math.floor((cpu.now() - cpu.machine.bootTime) / tickNsec(cpu));
}

/** Linux: msecs_to_jiffies(). Rounded up; negative is for ever (MAX_JIFFY_OFFSET). */
export function msecsToJiffies(cpu: Cpu, ms: number): number {
  if (ms < 0) return MAX_JIFFY_OFFSET;
  return Math.min(Math.ceil((ms * hz(cpu)) / MS_PER_SECOND), MAX_JIFFY_OFFSET);
}

/** Linux: jiffies_to_msecs(). Rounded up. */
export function jiffiesToMsecs(cpu: Cpu, j: number): number {
  return Math.ceil((j * MS_PER_SECOND) / hz(cpu));
}

/** Linux: nsecs_to_jiffies(), but rounded up: a wait of so many jiffies lasts at least `ns`. */
export function nsecsToJiffies(cpu: Cpu, ns: number): number {
  if (ns < 0) return MAX_JIFFY_OFFSET;
  return Math.min(Math.ceil(ns / tickNsec(cpu)), MAX_JIFFY_OFFSET);
}

/** Linux: jiffies_to_nsecs(). */
export function jiffiesToNsecs(cpu: Cpu, j: number): number {
  return j * tickNsec(cpu);
}
