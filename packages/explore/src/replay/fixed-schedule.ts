import type { Choice, Choices } from '../engine/choice.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { NondeterminismError } from '../strategies/nondeterminism-error.ts';

/** One run with given choices, as they came out of another one. Behind them, the usual way on. */
export class FixedSchedule implements Scheduler {
  private readonly choices: readonly Choice[];
  private begun = false;

  constructor(choices: readonly Choice[]) {
    this.choices = choices;
  }

  begin(): boolean {
    const first = !this.begun;
    this.begun = true;
    return first;
  }

  /** @throws NondeterminismError if the choice is not there this time. */
  pick(choices: Choices): number {
    const wanted = this.choices[choices.step];
    if (wanted === undefined) return usualWayOn(choices);
    const { cpu, kind, n } = wanted;
    const index = choices.list.findIndex((c) => c.cpu === cpu && c.kind === kind && c.n === n);
    if (index < 0) throw new NondeterminismError(choices.step);
    return index;
  }

  end(): void {}
}

/** Without a reason to switch: the CPU that ran goes on, else the first that can; it takes the first of its choices. */
export function usualWayOn({ list, current }: Choices): number {
  const index = list.findIndex(({ cpu }) => cpu === current);
  return index < 0 ? 0 : index;
}
