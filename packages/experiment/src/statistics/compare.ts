/** Are two measurements different, or is that noise? */

import type { Estimate } from '../results.ts';
import { intervalOf, resampledMedian, type BootstrapOptions } from './bootstrap.ts';
import { median } from './quantile.ts';

/**
 * Smaller changes are never called real: code placement, page colouring and the neighbours on the
 * host move repeated runs of one binary by as much (Mytkowicz, Diwan, Hauswirth and Sweeney 2009).
 */
export const LEAST_CHANGE = 0.02;

/** With fewer values on a side nothing is known about its noise. */
export const LEAST_VALUES = 3;

export interface Comparison {
  /** Median of the second over median of the first, with its bootstrap interval. */
  readonly ratio: Estimate;
  readonly exceedsNoise: boolean;
  /** Why, in one clause. */
  readonly reason: string;
}

/**
 * The noise rule: a difference is real when the 95 % interval of the ratio of medians leaves out 1, the
 * ratio differs from 1 by more than `LEAST_CHANGE`, and both sides have `LEAST_VALUES` values.
 */
export function compareSamples(
  first: readonly number[],
  second: readonly number[],
  options: BootstrapOptions = {},
): Comparison {
  const a = Float64Array.from(first);
  const b = Float64Array.from(second);
  for (const value of [...a, ...b]) {
    if (!(value > 0 && value < Infinity))
      throw new RangeError(`only positive values can be compared as a ratio; got ${value}`);
  }
  const draw: Parameters<typeof intervalOf>[2] = (random, scratch) => {
    const below = resampledMedian(a, random, scratch.subarray(0, a.length));
    return resampledMedian(b, random, scratch.subarray(0, b.length)) / below;
  };
  const ratio = intervalOf(median(b) / median(a), options, draw, Math.max(a.length, b.length));
  return { ratio, ...judge(ratio, Math.min(a.length, b.length)) };
}

/** Of two values without noise: virtual times. A change that the model makes nothing of is none. */
export function compareExact(first: number, second: number): Comparison {
  const ratio = second / first;
  const real = Math.max(ratio, 1 / ratio) > 1 + LEAST_CHANGE;
  return {
    ratio: { median: ratio, low: ratio, high: ratio },
    exceedsNoise: real,
    reason: real ? 'virtual time has no noise' : `the change is below ${LEAST_CHANGE * 100} %`,
  };
}

function judge(ratio: Estimate, values: number): { exceedsNoise: boolean; reason: string } {
  if (values < LEAST_VALUES)
    return {
      exceedsNoise: false,
      reason: `${values} of the ${LEAST_VALUES} repeats needed on each side`,
    };
  if (ratio.low <= 1 && ratio.high >= 1)
    return { exceedsNoise: false, reason: 'the interval of the ratio holds 1' };
  // As a factor either way, so that swapping the sides does not change the verdict.
  if (Math.max(ratio.median, 1 / ratio.median) <= 1 + LEAST_CHANGE) {
    return { exceedsNoise: false, reason: `the change is below ${LEAST_CHANGE * 100} %` };
  }
  return { exceedsNoise: true, reason: 'the interval of the ratio leaves out 1' };
}
