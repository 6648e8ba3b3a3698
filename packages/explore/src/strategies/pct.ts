/**
 * Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with
 * Probabilistic Guarantees of Finding Bugs, ASPLOS 2010).
 *
 * CPUs have random priorities, and the highest that can go on does. At d − 1 random steps of the run the CPU that is about to run falls
 * below all others. A bug of depth d among n CPUs and k steps is found with a probability of at least 1 / (n · k^(d−1)) in each run.
 *
 * k is not known: the longest run so far stands for it.
 */
import { seededRandom } from '@percpu/experiment';
import type { Random } from '@percpu/experiment';
import type { Choices } from '../engine/choice.ts';
import type { RunOutcome } from '../engine/outcome.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { anyChoiceOf, enabledProcesses } from './sampling.ts';

/** Before the first run has told. */
const FIRST_GUESS = 64;

export class Pct implements Scheduler {
  private readonly random: Random;
  private readonly depth: number;
  private longest = FIRST_GUESS;
  private known = false;
  private readonly priorities: number[] = [];
  private changes: number[] = [];
  private readonly processes: number[] = [];

  /** `depth` is d: the number of orderings between steps that the bug needs. */
  constructor(seed: number, depth = 3) {
    this.random = seededRandom(seed, 0);
    this.depth = depth;
  }

  begin(): boolean {
    this.priorities.length = 0;
    this.changes = Array.from({ length: this.depth - 1 }, () => this.random.below(this.longest));
    return true;
  }

  pick(choices: Choices): number {
    if (this.priorities.length === 0) this.shuffle(choices.processes);
    let best = this.best(choices);
    this.changes.forEach((step, index) => {
      if (step !== choices.step) return;
      this.priorities[best] = index - this.depth;
      best = this.best(choices);
    });
    return anyChoiceOf(best, choices, this.random);
  }

  end({ steps }: RunOutcome): void {
    this.longest = this.known ? Math.max(this.longest, steps) : Math.max(1, steps);
    this.known = true;
  }

  private best(choices: Choices): number {
    let best = -1;
    for (const process of enabledProcesses(choices, this.processes)) {
      if (best < 0 || this.priorities[process]! > this.priorities[best]!) best = process;
    }
    return best;
  }

  private shuffle(processes: number): void {
    for (let process = 0; process < processes; process++) {
      const other = this.random.below(process + 1);
      this.priorities[process] = this.priorities[other] ?? process;
      this.priorities[other] = process;
    }
  }
}
