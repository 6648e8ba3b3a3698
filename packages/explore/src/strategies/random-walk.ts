import { seededRandom } from '@percpu/experiment';
import type { Random } from '@percpu/experiment';
import type { Choices } from '../engine/choice.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { anyChoiceOf, enabledProcesses } from './sampling.ts';

/** Each step any CPU that can go on, all alike. The yardstick for the others. */
export class RandomWalk implements Scheduler {
  private readonly random: Random;
  private readonly processes: number[] = [];

  constructor(seed: number) {
    this.random = seededRandom(seed, 0);
  }

  begin(): boolean {
    return true;
  }

  pick(choices: Choices): number {
    const processes = enabledProcesses(choices, this.processes);
    return anyChoiceOf(processes[this.random.below(processes.length)]!, choices, this.random);
  }

  end(): void {}
}
