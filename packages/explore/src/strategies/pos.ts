/**
 * Partial order sampling (Yuan, Yang, Gu: Partial Order Aware Concurrency Sampling, CAV 2018): every step gets a random
 * priority when its CPU comes to it, the highest goes first, and those that it races with draw again. Independent steps then do
 * not spend randomness on orders that are all the same.
 */
import { seededRandom } from '@percpu/experiment';
import type { Random } from '@percpu/experiment';
import type { Choices } from '../engine/choice.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { mayConflict } from './pending.ts';
import { anyChoiceOf, enabledProcesses } from './sampling.ts';

export class Pos implements Scheduler {
  private readonly random: Random;
  /** By process; undefined: it has not drawn for the step that it has come to. */
  private readonly priorities: (number | undefined)[] = [];
  private readonly processes: number[] = [];

  constructor(seed: number) {
    this.random = seededRandom(seed, 0);
  }

  begin(): boolean {
    this.priorities.length = 0;
    return true;
  }

  pick(choices: Choices): number {
    const { priorities } = this;
    const processes = enabledProcesses(choices, this.processes);
    let best = processes[0]!;
    for (const process of processes) {
      priorities[process] ??= this.random.fraction();
      if (priorities[process] > priorities[best]!) best = process;
    }
    const chosen = choices.pendingOf(best);
    for (const process of processes) {
      const sameCpu = process % choices.cpus === best % choices.cpus;
      if (sameCpu || mayConflict(chosen, choices.pendingOf(process)))
        priorities[process] = undefined;
    }
    return anyChoiceOf(best, choices, this.random);
  }

  end(): void {}
}
