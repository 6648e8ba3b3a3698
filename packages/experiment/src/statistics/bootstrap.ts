/**
 * Percentile bootstrap (Efron 1979): how far would the median have moved had we measured again?
 * Seeded, so the same numbers always give the same interval.
 */

import { seededRandom, type Random } from '../random.ts';
import type { Estimate } from '../results.ts';
import { median, quantileOfSorted } from './quantile.ts';

export const RESAMPLES = 2000;
export const CONFIDENCE = 0.95;

export interface BootstrapOptions {
  readonly seed?: number;
  readonly resamples?: number;
  /** Share of the interval: default 0.95. */
  readonly confidence?: number;
}

/** The median of one resample: as many values, drawn with replacement. */
export function resampledMedian(
  values: Float64Array,
  random: Random,
  scratch: Float64Array,
): number {
  for (let i = 0; i < values.length; i++) scratch[i] = values[random.below(values.length)]!;
  return quantileOfSorted(scratch.sort(), 0.5);
}

/**
 * The median with its interval. With a single value the interval is that value: it says nothing. With
 * fewer than five the interval is about the range of what was seen.
 */
export function medianInterval(
  values: readonly number[],
  options: BootstrapOptions = {},
): Estimate {
  const all = Float64Array.from(values);
  return intervalOf(
    median(all),
    options,
    (random, scratch) => resampledMedian(all, random, scratch),
    all.length,
  );
}

/** The interval of any statistic that `draw` computes from a resample; always contains `center`. */
export function intervalOf(
  center: number,
  { seed = 1, resamples = RESAMPLES, confidence = CONFIDENCE }: BootstrapOptions,
  draw: (random: Random, scratch: Float64Array) => number,
  scratchLength: number,
): Estimate {
  const random = seededRandom(seed);
  const scratch = new Float64Array(scratchLength);
  const drawn = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) drawn[i] = draw(random, scratch);
  drawn.sort();
  const tail = (1 - confidence) / 2;
  return {
    median: center,
    low: Math.min(center, quantileOfSorted(drawn, tail)),
    high: Math.max(center, quantileOfSorted(drawn, 1 - tail)),
  };
}
