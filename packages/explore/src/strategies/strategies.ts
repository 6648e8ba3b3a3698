import { unknownName } from '@percpu/experiment';
import type { Scheduler } from '../engine/scheduler.ts';
import { checkNumber } from './check-number.ts';
import { Exhaustive } from './exhaustive.ts';
import { Pct } from './pct.ts';
import { Pos } from './pos.ts';
import { RandomWalk } from './random-walk.ts';
import { Surw } from './surw.ts';

export interface StrategyOptions {
  /** For strategies that draw: another seed, other runs. A whole number from 0. Default 1. */
  readonly seed?: number;
  /** Bound on preemptions of `exhaustive`. Default Infinity: none. */
  readonly preemptions?: number;
  /** Orderings that the bug needs, for `pct`: 1 or more. Default 3. */
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

/** @throws ChoiceError if there is no such strategy, RangeError if an option is no whole number, or too small. */
export function makeScheduler(name: StrategyName, options: StrategyOptions = {}): Scheduler {
  if (!Object.hasOwn(STRATEGIES, name)) throw unknownName('strategy', name, STRATEGY_NAMES);
  const { seed, preemptions, depth } = options;
  checkNumber('seed', seed, 0);
  if (preemptions !== Infinity) checkNumber('preemptions', preemptions, 0);
  checkNumber('depth', depth, 1);
  return STRATEGIES[name](options);
}
