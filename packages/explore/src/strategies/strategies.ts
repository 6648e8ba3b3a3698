import type { Scheduler } from '../engine/scheduler.ts';
import { Exhaustive } from './exhaustive.ts';
import { Pct } from './pct.ts';
import { Pos } from './pos.ts';
import { RandomWalk } from './random-walk.ts';
import { Surw } from './surw.ts';

export interface StrategyOptions {
  /** For strategies that draw: another seed, other runs. A whole number from 0. Default 1. */
  readonly seed?: number;
  /** Bound on preemptions of `exhaustive`. */
  readonly preemptions?: number;
  /** Orderings that the bug needs, for `pct`. Default 3. */
  readonly depth?: number;
}

const STRATEGIES = {
  exhaustive: ({ preemptions = Infinity }: StrategyOptions): Scheduler =>
    new Exhaustive({ preemptions }),
  random: ({ seed = 1 }: StrategyOptions): Scheduler => new RandomWalk(seed),
  pct: ({ seed = 1, depth = 3 }: StrategyOptions): Scheduler => new Pct(seed, depth),
  pos: ({ seed = 1 }: StrategyOptions): Scheduler => new Pos(seed),
  surw: ({ seed = 1 }: StrategyOptions): Scheduler => new Surw(seed),
} as const;

export type StrategyName = keyof typeof STRATEGIES;

export const STRATEGY_NAMES: readonly StrategyName[] = Object.freeze(
  Object.keys(STRATEGIES) as StrategyName[],
);

/** @throws RangeError if there is no such strategy. */
export function makeScheduler(name: StrategyName, options: StrategyOptions = {}): Scheduler {
  if (!Object.hasOwn(STRATEGIES, name)) {
    throw new RangeError(`strategy ${name}; accepted are ${STRATEGY_NAMES.join(', ')}`);
  }
  return STRATEGIES[name](options);
}
