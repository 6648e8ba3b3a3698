import type { FindingKind, Outcome } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Choice } from './choice.ts';

/** Something that is wrong. Ends the run. */
export interface Finding {
  readonly kind: FindingKind;
  readonly message: string;
  /** The accesses that it is about: a report shows their stacks. */
  readonly accesses?: readonly FoundAccess[];
}

/** Enough to find an access in a trace of the same run. */
export interface FoundAccess {
  readonly cpu: number;
  readonly step: number;
  readonly op: number;
  readonly site: number;
}

/**
 * completed   all programs ended (a machine: and all CPUs fell asleep)
 * stuck       nobody can go on, and not all programs have ended
 * failed      a finding came up on the way
 * cut         more steps than allowed
 * abandoned   the scheduler gave it up: a run that is equivalent has been, or will be, made
 */
export type RunEnd = 'completed' | 'stuck' | 'failed' | 'cut' | 'abandoned';

/** A CPU that is not in front of an access that it could carry out. */
export interface Waiting {
  readonly cpu: number;
  /** `sleeping` in a wait on `at`; `spinning` on what it read, `at` being one of those words. */
  readonly state: 'sleeping' | 'spinning';
  readonly at: Ptr;
  /** Site of the wait, or of the pause. */
  readonly site: number;
  /** What it waits for not to be: of `wait` the expected value, of a spin loop the value read. */
  readonly value: number;
}

export interface RunOutcome {
  readonly end: RunEnd;
  /** The first finding; undefined if nothing is wrong. */
  readonly finding: Finding | undefined;
  /** What the programs saw. */
  readonly seen: Outcome;
  readonly steps: number;
  /** Shared accesses, the plain ones too. */
  readonly accesses: number;
  /** Of a run that is stuck: who waits where. Else empty. */
  readonly waiting: readonly Waiting[];
  /** What was chosen, in order: with the same choices, the same run. Valid until the next run begins. */
  readonly choices: readonly Choice[];
}
