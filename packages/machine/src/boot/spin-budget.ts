/**
 * How long a spin wait may spin on this host.
 *
 * With more CPUs than cores a spinning CPU burns the time slice of the one it waits for: 200 turns, then sleep.
 * With a core for each, a short budget is the worse mistake. It is metastable: one waiter of a queue that
 * sleeps takes 10 to 50 us to wake, in which all behind it run out of their budget and sleep too, and from
 * then on every hand-over is a wake-up. Measured on 16 cores (Xeon guest, Node 26), acquisitions of a ticket
 * lock per second:
 *
 *   turns      4 CPUs    8 CPUs    12 CPUs    16 CPUs
 *     200      420 k     127 k     20 k       14 k
 *   1 000      2.6 M     1.8 M     16 k       40 k
 *   5 000      3.1 M     2.0 M     1.7 M      565 k
 *  20 000      3.0 M     2.1 M     1.7 M      719 k
 */
import { availableParallelism } from 'node:os';
import { SPIN_BUDGET, SPIN_PV } from '../core-parameters.ts';
import type { ParameterValues } from '../parameters.ts';

/** About 1 ms: many times what a wake-up takes. */
const WITH_A_CORE_EACH = 20_000;

/** The boot parameters for a machine of so many CPUs. */
export function spinBudget(cpus: number, cores: number = availableParallelism()): ParameterValues {
  const shared = cpus > cores;
  return {
    [SPIN_BUDGET.name]: shared ? SPIN_BUDGET.default : WITH_A_CORE_EACH,
    [SPIN_PV.name]: shared,
  };
}
