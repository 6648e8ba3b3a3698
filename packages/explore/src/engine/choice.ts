/**
 * What can happen next. Every CPU stands in front of an access, sleeps, spins in vain, or has ended; a scheduler
 * picks among what is possible then.
 *
 *   access       the CPU carries out the access it stands in front of
 *   alternative  it stands in front of `choose(n)`: the answer is `n`
 *   interrupt    it takes its pending interrupts first
 *   timer        time goes on to its next timer event, and it takes that interrupt
 *   death        it stops there for ever
 *   timeout      it sleeps with a timeout, and that is over
 *   spurious     it sleeps, and wakes for no reason
 */
import type { PendingAccess } from '@percpu/simulator';

export type ChoiceKind =
  'access' | 'alternative' | 'interrupt' | 'timer' | 'death' | 'timeout' | 'spurious';

export interface Choice {
  readonly cpu: number;
  /** Who does it: the CPU itself; for an interrupt the CPU's number + `cpus`, since it comes from outside. */
  readonly process: number;
  readonly kind: ChoiceKind;
  /** The answer of `choose`; 0 otherwise. */
  readonly n: number;
}

/** What a scheduler chooses from. The object is used again for every step: keep nothing of it. */
export interface Choices {
  /** Never empty. Those of one process stand together, CPUs in ascending order; the first of a CPU is its plain way on. */
  readonly list: readonly Choice[];
  /** CPUs of the exploration. */
  readonly cpus: number;
  /** `cpus`, or twice as many where interrupts arrive. */
  readonly processes: number;
  /** Choices carried out so far in this run. */
  readonly step: number;
  /** The CPU that ran last; −1 at the beginning. */
  readonly current: number;
  /** Nothing else can happen, so time jumps or a spin loop gets one more turn: not a matter of interleaving. */
  readonly forced: boolean;
  /** The access that a CPU stands in front of, or sleeps in; for an interrupt one that touches nothing. */
  pendingOf(process: number): PendingAccess;
}
