/**
 * Is what the search says worth anything? Two checks of its own instruments: the same schedule must give the same run, and a race
 * that is known to be there must be found.
 */
import type { Exploration } from '@percpu/experiment';
import type { Choice } from '../engine/choice.ts';
import type { Finding } from '../engine/outcome.ts';
import { Runner } from '../engine/runner.ts';
import type { TraceEvent } from '../engine/trace-event.ts';
import { watchFor } from '../findings/index.ts';
import { litmus } from '../litmus/litmus-test.ts';
import { FixedSchedule } from '../replay/fixed-schedule.ts';
import { TraceRecorder } from '../replay/trace-recorder.ts';
import { eventText } from '../report/event-text.ts';
import { NondeterminismError } from '../strategies/nondeterminism-error.ts';

/** Message passing with plain accesses: nothing orders them. */
const PLANTED: Exploration = litmus(
  {
    called: 'planted',
    description: 'A race that must be found.',
    cpus: ['x = 1; y = 1', 'r0 = y; r1 = x'],
    sees: 'r0 r1',
    allowed: '00',
    forbidden: '10',
  },
  'plain',
);

/** @throws Error when the instruments are dead: no verdict of theirs can be trusted. */
export function requireLiveInstruments(): void {
  const { finding } = new Runner(PLANTED, watchFor(PLANTED).observers).run(new FixedSchedule([]));
  if (finding?.kind === 'race') return;
  throw new Error(
    `explore: the planted race was not found, but ${finding?.kind ?? 'nothing'}: the explorer is broken or loaded twice`,
  );
}

/** Runs one schedule again, and again: for runs that have been made before. */
export class DeterminismCheck {
  private readonly exploration: Exploration;
  private readonly recorder: TraceRecorder = new TraceRecorder();
  private readonly runner: Runner;

  constructor(exploration: Exploration) {
    this.exploration = exploration;
    this.runner = new Runner(exploration, [...watchFor(exploration).observers, this.recorder]);
  }

  /** The finding, if two runs with these choices differ. */
  check(choices: readonly Choice[]): Finding | undefined {
    const first = this.trace(choices);
    const second = this.trace(choices);
    if (typeof first === 'number' || typeof second === 'number') {
      const step = typeof first === 'number' ? first : (second as number);
      return finding(this.exploration, step, 'a choice that was there before is not there again');
    }
    const { names } = this.runner;
    for (let i = 0; i < Math.max(first.length, second.length); i++) {
      const [one, other] = [first[i], second[i]].map((event) =>
        event === undefined
          ? 'nothing'
          : `CPU ${event.cpu}: ${Object.values(eventText(event, names)).join(' in ')}`,
      );
      if (one !== other)
        return finding(
          this.exploration,
          (first[i] ?? second[i])!.step,
          `first ${one}, then ${other}`,
        );
    }
    return undefined;
  }

  /** The events, or the step at which the schedule did not fit. */
  private trace(choices: readonly Choice[]): readonly TraceEvent[] | number {
    try {
      this.runner.run(new FixedSchedule(choices));
    } catch (error) {
      if (error instanceof NondeterminismError) return this.runner.step;
      throw error;
    }
    return this.recorder.events;
  }
}

function finding({ name }: Exploration, step: number, difference: string): Finding {
  return {
    kind: 'nondeterminism',
    message:
      `nondeterminism: ${name}, run twice with the same schedule, went two ways at step ${step}: ${difference}. ` +
      'What a program does may depend on nothing but its memory and `choose`: not on time, random numbers or what an earlier run left in a variable',
  };
}
