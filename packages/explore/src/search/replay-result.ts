/** One schedule again, with a result like that of a search. */
import type { Exploration, ExplorationResult } from '@percpu/experiment';
import { replay } from '../replay/replay.ts';
import { shownFailure } from './failure-of.ts';

/** @throws ReplayError if the string is none, belongs to another exploration, or does not fit the code any more. */
export function replayResult(exploration: Exploration, text: string): ExplorationResult {
  const began = performance.now();
  const replayed = replay(exploration, text);
  const seconds = (performance.now() - began) / 1000;
  const { finding, accesses } = replayed.outcome;
  return {
    name: exploration.name,
    strategy: 'replay',
    schedules: 1,
    exhausted: false,
    accesses,
    seconds,
    schedulesPerSecond: 1 / seconds,
    accessesPerSecond: accesses / seconds,
    failures: finding === undefined ? [] : [shownFailure(finding, text.trim(), replayed)],
  };
}
