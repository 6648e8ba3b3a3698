import type { Choices } from './choice.ts';
import type { Footprint } from './footprint.ts';
import type { RunOutcome } from './outcome.ts';

/** `pick` answers this to abandon the run: nothing new would come of it. */
export const ABANDON: number = -1;

/** Who decides. One object makes a whole search; what it decides may depend on nothing but what it is shown. */
export interface Scheduler {
  /** Before each run. False: there is none left. */
  begin(): boolean;
  /** Index into `choices.list`, or ABANDON. */
  pick(choices: Choices): number;
  /** After each choice was carried out: what it did. The object is used again. */
  did?(footprint: Footprint): void;
  end(outcome: RunOutcome): void;
  /** True once every schedule has been covered. Searches that sample never say so. */
  readonly exhausted?: boolean;
}
