/**
 * Order statistics. Our own, because they are shorter than what would have to be said about a
 * library's: simple-statistics, for one, interpolates no quantiles.
 */

function sorted(values: Iterable<number>, what: string): Float64Array {
  const copy = Float64Array.from(values);
  if (copy.length === 0) throw new RangeError(`the ${what} of no values does not exist`);
  for (const value of copy) {
    if (Number.isNaN(value))
      throw new RangeError(`the ${what} of values with a NaN among them does not exist`);
  }
  return copy.sort();
}

/** Of values that ascend already; see `quantile`. */
export function quantileOfSorted(ascending: ArrayLike<number>, p: number): number {
  const position = (ascending.length - 1) * p;
  const below = Math.floor(position);
  const low = ascending[below] ?? Number.NaN;
  const high = ascending[Math.min(below + 1, ascending.length - 1)] ?? Number.NaN;
  // Not low + share × (high − low) alone: infinite neighbours would make it NaN.
  return low === high ? low : low + (position - below) * (high - low);
}

/** Hyndman and Fan's type 7 (1996), the default of R and NumPy: linear between order statistics. */
export function quantile(values: Iterable<number>, p: number): number {
  if (!(p >= 0 && p <= 1))
    throw new RangeError(`a quantile is asked for as a share from 0 to 1; got ${p}`);
  return quantileOfSorted(sorted(values, 'quantile'), p);
}

export function median(values: Iterable<number>): number {
  return quantileOfSorted(sorted(values, 'median'), 0.5);
}

/** Median absolute deviation from the median, not scaled (times 1.4826 it estimates a normal's σ). */
export function mad(values: Iterable<number>): number {
  const all = sorted(values, 'MAD');
  const middle = quantileOfSorted(all, 0.5);
  return median(all.map((value) => Math.abs(value - middle)));
}
