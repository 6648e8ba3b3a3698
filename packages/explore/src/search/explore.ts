/** An exploration from beginning to end: searched, and what was found replayed and drawn. */
import type { Exploration, ExplorationFailure, ExplorationResult } from '@percpu/experiment';
import { replay } from '../replay/replay.ts';
import type { Replayed } from '../replay/replay.ts';
import type { Finding } from '../engine/outcome.ts';
import { failureTable } from '../report/failure.ts';
import type { StrategyName, StrategyOptions } from '../strategies/strategies.ts';
import { requireLiveInstruments } from './planted-race.ts';
import { search } from './search.ts';
import type { SearchFailure } from './search.ts';

export interface ExploreProgress {
  readonly schedules: number;
  readonly seconds: number;
}

export interface ExploreRequest extends StrategyOptions {
  /** Default exhaustive. */
  readonly strategy?: StrategyName;
  /** At most so many schedules. Default: `limits.schedules` for an exhaustive search, 1000 for one that draws. */
  readonly schedules?: number;
  /** At most about so long. */
  readonly seconds?: number;
  /** Instead of a search, the one schedule of this string. */
  readonly replay?: string;
  /** Told a few times a second. */
  readonly progress?: (so: ExploreProgress) => void;
}

const PROGRESS_SECONDS = 0.25;

/**
 * Searches until the first failure (of a busted twin: the one that it must have), to the end, or until the budget is spent.
 *
 * @throws ReplayError when `replay` does not fit.
 * @throws Error when no program touches memory under control.
 */
export function exploreSchedules(
  exploration: Exploration,
  request: ExploreRequest = {},
): ExplorationResult {
  requireLiveInstruments();
  if (request.replay !== undefined) return replayed(exploration, request.replay);
  if (request.seconds !== undefined && !(request.seconds > 0))
    throw new RangeError(`explore: seconds is ${request.seconds}; accepted are numbers above 0`);
  const { seconds: most, progress, replay: _replay, ...options } = request;
  const result = search(exploration, { ...options, goOn: watchTheTime(most, progress) });
  const { name, strategy, schedules, exhausted, accesses, seconds, failures } = result;
  return {
    ...{ name, strategy, schedules, exhausted, accesses, seconds },
    schedulesPerSecond: schedules / seconds,
    accessesPerSecond: accesses / seconds,
    failures: failures.map((failure) => drawn(exploration, failure)),
  };
}

function watchTheTime(
  most: number = Infinity,
  progress: ExploreRequest['progress'],
): (schedules: number) => boolean {
  const began = performance.now();
  let told = 0;
  return (schedules) => {
    const seconds = (performance.now() - began) / 1000;
    if (seconds - told > PROGRESS_SECONDS) {
      told = seconds;
      progress?.({ schedules, seconds });
    }
    return seconds < most || schedules === 0;
  };
}

function replayed(exploration: Exploration, text: string): ExplorationResult {
  const began = performance.now();
  const run = replay(exploration, text);
  const seconds = (performance.now() - began) / 1000;
  const { finding, accesses } = run.outcome;
  return {
    name: exploration.name,
    strategy: 'replay',
    schedules: 1,
    exhausted: false,
    accesses,
    seconds,
    schedulesPerSecond: 1 / seconds,
    accessesPerSecond: accesses / seconds,
    failures: finding === undefined ? [] : [failureOf(finding, text.trim(), run)],
  };
}

/** The schedule was shrunk: the finding is told as the shorter run has it. */
function drawn(exploration: Exploration, failure: SearchFailure): ExplorationFailure {
  const { finding, replay: text } = failure;
  if (text === '') return { kind: finding.kind, message: finding.message, replay: '', table: '' };
  const run = replay(exploration, text);
  return failureOf(run.outcome.finding ?? finding, text, run);
}

function failureOf(
  finding: Finding,
  text: string,
  { events, names }: Replayed,
): ExplorationFailure {
  return {
    kind: finding.kind,
    message: finding.message,
    replay: text,
    table: failureTable(finding, events, names),
  };
}
