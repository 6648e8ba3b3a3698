/**
 * Stepping back after a lost race. The time is random, or two losers would race again in step; it is
 * bounded, or the last of many would be away for ever. The random numbers of a CPU depend on its
 * number alone, so that a run under a controlled clock can be repeated.
 */
import type { Cpu } from '@percpu/machine';
import { lockView } from '../lock-view.ts';

/** Turns of `relax` (about 40 ns each under the parallel clock) that the first step back takes at most. */
export const FIRST_WINDOW = 4;
/** And the last: some 5 µs, less than a sleep and a wake-up cost. */
const LAST_WINDOW = 128;

export function widen(window: number): number {
  return Math.min(window * 2, LAST_WINDOW);
}

/** Relaxes for 1 to `window` turns (a power of two). */
export function backOff(cpu: Cpu, window: number): void {
  for (let left = 1 + (lockView(cpu).nextRandom() & (window - 1)); left > 0; left--) cpu.relax();
}
