/**
 * Explorations as tests: `explore(…)` registers one with vitest.
 *
 *   explore(mutexExcludes, { schedules: 34 });
 *   explore('hand-over publishes the data', { setup, programs: [giver, taker], schedules: 34 });
 *
 * Files are called `*.explore.ts`, so that they are loaded through the coroutine transform.
 */
import { exploration } from '@percpu/experiment';
import type {
  Exploration,
  ExplorationDefinition,
  ExplorationGround,
  MemoryOf,
} from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import { test } from 'vitest';
import type { StrategyName } from '../strategies/strategies.ts';
import { judge } from './judge.ts';

export interface ExploreOptions {
  /**
   * Exhaustive search of what must be right: how many schedules there are. A search with another number fails, because
   * that is news. Otherwise: at most so many, and of a busted twin the bug must come up within them.
   */
  readonly schedules?: number;
  /** Default exhaustive. Of several, each is a test of its own. */
  readonly strategy?: StrategyName | readonly StrategyName[];
  /** For strategies that draw. Default 1. */
  readonly seed?: number;
  /** Bound on preemptions of the exhaustive search. Default: the exploration's. */
  readonly preemptions?: number;
  /** Instead of a search, the one schedule of this string, as a failure prints it. */
  readonly replay?: string;
  /** Milliseconds after which the test is ended, by force if need be. Default 120,000. */
  readonly timeout?: number;
}

/** An exploration written in the test itself: the title stands for name and description, `on` is `cpu` unless it says otherwise. */
export type InlineExploration<S, C, M> = Omit<
  ExplorationDefinition<S, C, M>,
  'name' | 'title' | 'description' | 'on'
> &
  ExploreOptions & { readonly on?: ExplorationGround };

/** What a test of a named exploration leaves for reporters, as `task.meta.explored`. */
export interface ExploredMeta {
  readonly name: string;
  readonly twin: boolean;
  readonly strategy: StrategyName;
  /** That were run. */
  readonly schedules: number;
  /** `schedules` of the options: pinned, or the most there may be. */
  readonly budget: number | null;
  /** Bound of an exhaustive search; null: none. */
  readonly preemptions: number | null;
}

declare module 'vitest' {
  interface TaskMeta {
    explored?: ExploredMeta;
  }
}

const OPTIONS: readonly string[] = [
  'schedules',
  'strategy',
  'seed',
  'preemptions',
  'replay',
  'timeout',
] satisfies readonly (keyof ExploreOptions)[];
const TIMEOUT_MS = 120_000;
/** The judge knows more than vitest about what took so long: it comes first. */
const MARGIN_MS = 10_000;

/** Registers the exploration as a test. It passes when the search ends as the definition says. */
export function explore(definition: Exploration, options?: ExploreOptions): void;
export function explore<S = undefined, C = Cpu, M = MemoryOf<C>>(
  title: string,
  definition: InlineExploration<S, C, M>,
): void;
export function explore<S, C, M>(
  what: Exploration | string,
  given: ExploreOptions | InlineExploration<S, C, M> = {},
): void {
  const [definition, options] =
    typeof what === 'string'
      ? fromInline(what, given as InlineExploration<S, C, M>)
      : [what, given];
  const { strategy = 'exhaustive', timeout = TIMEOUT_MS } = options;
  const strategies = typeof strategy === 'string' ? [strategy] : strategy;
  for (const one of strategies) {
    const title = strategies.length === 1 ? definition.title : `${definition.title} (${one})`;
    test(title, { timeout: timeout + MARGIN_MS }, ({ task }) => {
      const { schedules } = judge(definition, one, timeout, options);
      if (typeof what !== 'string')
        task.meta.explored = explored(definition, one, schedules, options);
    });
  }
}

function explored(
  { name, mustFind, limits }: Exploration,
  strategy: StrategyName,
  schedules: number,
  { schedules: budget, preemptions = limits.preemptions }: ExploreOptions,
): ExploredMeta {
  return {
    ...{ name, twin: mustFind !== undefined, strategy, schedules },
    budget: budget ?? null,
    preemptions: Number.isFinite(preemptions) ? preemptions : null,
  };
}

function fromInline<S, C, M>(
  title: string,
  given: InlineExploration<S, C, M>,
): readonly [Exploration, ExploreOptions] {
  const own = Object.entries(given).filter(([field]) => !OPTIONS.includes(field));
  const { on = 'cpu' } = given;
  const named = { name: kebab(title), title, description: title, on };
  const whole = { ...Object.fromEntries(own), ...named } as ExplorationDefinition<S, C, M>;
  return [exploration(whole), given];
}

/** The replay string carries a checksum of the name, so that it need only be one that people recognise. */
function kebab(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return `t-${words.join('-')}`.slice(0, 64).replace(/-$/, '');
}
