/** One search, and what is wrong with how it ended. */
import type { Exploration, ExplorationResult } from '@percpu/experiment';
import { exploreSchedules } from '../search/explore.ts';
import type { ExploreProgress } from '../search/explore.ts';
import { nothingHeard } from '../search/nothing-heard.ts';
import { complaint, isPinned, pinComplaint } from '../search/verdict.ts';
import type { StrategyName } from '../strategies/strategies.ts';
import type { ExploreOptions } from './explore.ts';
import { within } from './within.ts';

/** A search that has said nothing for so long has not just been unlucky: it says something four times a second. */
const SILENCE_SECONDS = 0.75;

/** Throws what vitest shows. Whatever the programs do, it is back after `timeout` milliseconds. */
export function judge(
  definition: Exploration,
  strategy: StrategyName,
  timeout: number,
  options: Omit<ExploreOptions, 'strategy' | 'timeout'> = {},
): ExplorationResult {
  const { schedules, seed, preemptions, replay } = options;
  const pinned = isPinned(definition, strategy);
  let heard: ExploreProgress = { schedules: 0, seconds: 0 };
  const request = {
    strategy,
    ...(schedules === undefined || pinned ? {} : { schedules }),
    ...(seed === undefined ? {} : { seed }),
    ...(preemptions === undefined ? {} : { preemptions }),
    ...(replay === undefined ? {} : { replay }),
    progress: (so: ExploreProgress) => (heard = so),
  };
  const result = within(
    timeout,
    () => exploreSchedules(definition, request),
    () => new ExplorationFailed(tooLong(definition.name, timeout / 1000, heard)),
  );
  const wrong =
    complaint(definition, result) ??
    (pinned && replay === undefined ? pinComplaint(result, schedules) : undefined);
  if (wrong !== undefined) throw new ExplorationFailed(wrong);
  return result;
}

function tooLong(name: string, limit: number, { schedules, seconds }: ExploreProgress): string {
  const silence = limit - seconds;
  if (silence > SILENCE_SECONDS) return nothingHeard(name, Math.round(silence), schedules);
  return (
    `exploration ${name}: not done after ${limit} s and ${schedules} schedules: make the programs shorter, ` +
    'bound the preemptions, choose a strategy that draws, or give it more time (timeout)'
  );
}

/** Its message is all there is to read: a stack would only show this file. */
class ExplorationFailed extends Error {
  override readonly name: string = 'ExplorationFailed';

  constructor(message: string) {
    super(message);
    this.stack = `${this.name}: ${message}`;
  }
}
