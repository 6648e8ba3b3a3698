/** A schedule that somebody has kept, once more. */
import type { Exploration } from '@percpu/experiment';
import type { AddressNames } from '@percpu/simulator';
import type { RunOutcome } from '../engine/outcome.ts';
import { Runner } from '../engine/runner.ts';
import type { TraceEvent } from '../engine/trace-event.ts';
import { watchFor } from '../findings/index.ts';
import { readReplay } from './replay-text.ts';
import { SegmentSchedule } from './segment-schedule.ts';
import { TraceRecorder } from './trace-recorder.ts';

export interface Replayed {
  readonly outcome: RunOutcome;
  /** Every access, with its stack. */
  readonly events: readonly TraceEvent[];
  readonly names: AddressNames;
}

/** @throws ReplayError if the string is none, belongs to another exploration, or does not fit the code any more. */
export function replay(exploration: Exploration, text: string): Replayed {
  const segments = readReplay(exploration.name, text);
  const recorder = new TraceRecorder({ stacks: true });
  const runner = new Runner(exploration, [recorder, ...watchFor(exploration).observers]);
  const schedule = new SegmentSchedule(segments, runner.names);
  schedule.begin();
  const outcome = runner.run(schedule);
  return { outcome, events: recorder.events, names: runner.names };
}
