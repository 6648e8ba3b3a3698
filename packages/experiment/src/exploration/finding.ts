/** What an explorer reports. Schema of `percpu explore NAME --json`. */

/**
 * assertion          the code threw, or `after` did
 * oops, panic        the machine's own
 * race               two plain accesses, or a plain and an atomic one, that nothing orders
 * deadlock           nobody can go on
 * lost-wakeup        a deadlock in which a sleeper's word has changed since: the wake-up came too early, or never
 * livelock           CPUs spin, and nobody can end it
 * leak               a program ended with a lock held, or interrupts, preemption or bottom halves off
 * not-linearizable   no order of the operations explains what they returned
 * outcome            a combination of seen values that is not allowed, or an allowed one that never occurs
 * step-limit         a run took more accesses than allowed
 * uncontrolled       shared memory was touched where the explorer cannot stop
 * nondeterminism     the same schedule gave two different runs
 */
export type FindingKind =
  | 'assertion'
  | 'oops'
  | 'panic'
  | 'race'
  | 'deadlock'
  | 'lost-wakeup'
  | 'livelock'
  | 'leak'
  | 'not-linearizable'
  | 'outcome'
  | 'step-limit'
  | 'uncontrolled'
  | 'nondeterminism';

export const FINDING_KINDS: readonly FindingKind[] = Object.freeze([
  'assertion',
  'oops',
  'panic',
  'race',
  'deadlock',
  'lost-wakeup',
  'livelock',
  'leak',
  'not-linearizable',
  'outcome',
  'step-limit',
  'uncontrolled',
  'nondeterminism',
]);

export interface ExplorationFailure {
  readonly kind: FindingKind;
  readonly message: string;
  /** One line that runs this schedule again. Empty when no schedule shows it (an outcome never seen). */
  readonly replay: string;
  /** The run, one row an event, one column a CPU. */
  readonly table: string;
}

export interface ExplorationResult {
  readonly name: string;
  readonly strategy: string;
  readonly schedules: number;
  /** Every schedule that can differ has been run. */
  readonly exhausted: boolean;
  readonly accesses: number;
  readonly seconds: number;
  readonly schedulesPerSecond: number;
  readonly accessesPerSecond: number;
  readonly failures: readonly ExplorationFailure[];
}
