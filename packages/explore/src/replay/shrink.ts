/**
 * A failing schedule with fewer context switches. Segments are left out, first many at a time and then one by one (delta
 * debugging; Zeller, Hildebrandt: Simplifying and Isolating Failure-Inducing Input, IEEE TSE 2002), as long as a finding of the same
 * kind comes up. What is kept is how the run went, not what was asked for.
 */
import type { Finding, RunOutcome } from '../engine/outcome.ts';
import type { Runner } from '../engine/runner.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import type { Segment } from './replay-text.ts';
import { SegmentSchedule } from './segment-schedule.ts';
import { SegmentWriter } from './segment-writer.ts';

/** Runs that shrinking may take. */
const DEFAULT_RUNS = 500;

export interface WrittenRun {
  readonly segments: readonly Segment[];
  readonly outcome: RunOutcome;
}

/** A run, with its segments. */
export function writeRun(runner: Runner, scheduler: Scheduler): WrittenRun {
  const writer = new SegmentWriter(scheduler, runner.names);
  writer.begin();
  const outcome = runner.run(writer);
  return { segments: writer.segments, outcome };
}

/** `finding` is what `failing` came to. Returns the shortest that was found, `failing` itself at worst. */
export function shrink(
  runner: Runner,
  failing: readonly Segment[],
  finding: Finding,
  runs: number = DEFAULT_RUNS,
): readonly Segment[] {
  let best = failing;
  let steps = Infinity;
  let left = runs;
  const improves = (candidate: readonly Segment[]): boolean => {
    left--;
    const schedule = new SegmentSchedule(candidate, runner.names, { lenient: true });
    const { segments, outcome } = writeRun(runner, schedule);
    if (outcome.finding?.kind !== finding.kind) return false;
    const shorter =
      segments.length < best.length || (segments.length === best.length && outcome.steps < steps);
    if (!shorter) return false;
    best = segments;
    ({ steps } = outcome);
    return true;
  };
  for (let size = Math.ceil(best.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.length && left > 0;) {
      const without = [...best.slice(0, at), ...best.slice(at + size)];
      if (!improves(without)) at += size;
    }
  }
  return best;
}
