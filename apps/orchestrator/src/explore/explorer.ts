import type { ExplorationResult } from '@percpu/experiment';
import { UsageError } from '../cli/errors.ts';
import { importProvided } from '../discovery/provided.ts';
import type { Search } from '../discovery/provided.ts';

/** One exploration, to be run as the command line asks. What is left out is up to the explorer. */
export interface ExploreOrder {
  /** The module that exports `explorations`, and the name of one of them. */
  readonly module: string;
  readonly name: string;
  readonly strategy?: string;
  /** At most so many schedules. */
  readonly schedules?: number;
  /** At most so long. */
  readonly seconds?: number;
  readonly seed?: number;
  /** Exactly this schedule, instead of a search. */
  readonly replay?: string;
  readonly signal: AbortSignal;
  readonly progress: (so: ExploreProgress) => void;
}

export interface ExploreProgress {
  readonly schedules: number;
  readonly seconds: number;
}

/** What a package exports from its entry `./explorer`, under the name `explorer`. */
export interface Explorer {
  /** Accepted by `strategy`, the usual one first. */
  readonly strategies: readonly string[];
  /**
   * Rejects soon after `signal` was aborted. An error that is called ReplayError or ChoiceError is
   * about what was asked for: a replay string that does not fit the code, for instance.
   */
  explore(order: ExploreOrder): Promise<ExplorationResult>;
}

export interface FoundExplorer {
  readonly explorer: Explorer;
  readonly package: string;
  readonly version: string;
}

/** Undefined when no installed package brings one. @throws UsageError when one is broken. */
export async function findExplorer(search: Search): Promise<FoundExplorer | undefined> {
  for await (const { value, package: from, version, url } of importProvided('explorer', search)) {
    const explorer = value as Partial<Explorer> | undefined;
    if (typeof explorer?.explore !== 'function' || !Array.isArray(explorer.strategies)) {
      throw new UsageError(
        `the explorer of ${from} (${url}) must export "explorer" with strategies and explore`,
      );
    }
    return { explorer: explorer as Explorer, package: from, version };
  }
  return undefined;
}
