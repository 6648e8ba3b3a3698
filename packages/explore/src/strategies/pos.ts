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
  private readonly cpus: number[] = [];

  constructor(seed: number) {
    this.random = seededRandom(seed, 0);
  }

  begin(): boolean {
    this.priorities.length = 0;
    return true;
  }

  pick(choices: Choices): number {
    const { priorities } = this;
    const cpus = enabledProcesses(choices, this.cpus);
    let best = cpus[0]!;
    for (const cpu of cpus) {
      priorities[cpu] ??= this.random.fraction();
      if (priorities[cpu] > priorities[best]!) best = cpu;
    }
    const chosen = choices.pendingOf(best);
    for (const cpu of cpus) {
      const sameCpu = cpu % choices.cpus === best % choices.cpus;
      if (sameCpu || mayConflict(chosen, choices.pendingOf(cpu))) priorities[cpu] = undefined;
    }
    return anyChoiceOf(best, choices, this.random);
  }

  end(): void {}
}
