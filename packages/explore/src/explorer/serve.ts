/** In the thread that explores: loads the module, finds the exploration, runs it. */
import { findByName } from '@percpu/experiment';
import type { Exploration, ExplorationResult } from '@percpu/experiment';
import { exploreSchedules } from '../search/explore.ts';
import type { ExploreProgress } from '../search/explore.ts';
import type { StrategyName } from '../strategies/strategies.ts';
import type { Order } from './messages.ts';

/** The transform must be in place before this is called: what it imports is to be interleaved. */
export async function serve(
  order: Order,
  progress: (so: ExploreProgress) => void,
  began: () => void = () => {},
): Promise<ExplorationResult> {
  const { module, name, strategy, ...rest } = order;
  const loaded = (await import(module)) as { readonly explorations?: unknown };
  const { explorations } = loaded;
  if (!Array.isArray(explorations)) {
    throw new TypeError(
      `${module}: must export explorations, a list of what exploration() returns`,
    );
  }
  const found = findByName(explorations as readonly Exploration[], name, 'exploration');
  began();
  return exploreSchedules(found, {
    ...rest,
    ...(strategy === undefined ? {} : { strategy: strategy as StrategyName }),
    progress,
  });
}
