/** From the choices of a run that failed to what is shown of it: shrunk, replayed, drawn. */
import type { Exploration, ExplorationFailure } from '@percpu/experiment';
import type { Choice } from '../engine/choice.ts';
import type { Finding } from '../engine/outcome.ts';
import { Runner } from '../engine/runner.ts';
import { watchFor } from '../findings/index.ts';
import { FixedSchedule } from '../replay/fixed-schedule.ts';
import { writeReplay } from '../replay/replay-text.ts';
import { replay } from '../replay/replay.ts';
import type { Replayed } from '../replay/replay.ts';
import { shrink, writeRun } from '../replay/shrink.ts';
import { failureTable } from '../report/failure.ts';
import { isWanted } from './verdict.ts';

/** `finding` is what a run with these choices came to. */
export function failureOf(
  exploration: Exploration,
  choices: readonly Choice[],
  finding: Finding,
): ExplorationFailure {
  const runner = new Runner(exploration, watchFor(exploration).observers);
  const { segments } = writeRun(runner, new FixedSchedule(choices));
  const { name, mustFind } = exploration;
  const short = writeReplay(name, shrink(runner, segments, finding));
  const shown = shownFailure(finding, short, replay(exploration, short));
  if (mustFind === undefined || isWanted(shown, mustFind) || !isWanted(finding, mustFind))
    return shown;
  // Shrunk to another finding of the same kind than the one looked for.
  const whole = writeReplay(name, segments);
  return shownFailure(finding, whole, replay(exploration, whole));
}

/** What a replayed run shows; `expected` if it came to nothing, which would be a bug of the explorer. */
export function shownFailure(
  expected: Finding,
  text: string,
  { outcome, events, names }: Replayed,
): ExplorationFailure {
  const shown = outcome.finding ?? expected;
  return {
    kind: shown.kind,
    message: shown.message,
    replay: text,
    table: failureTable(shown, events, names),
  };
}
