/** How equally a contended thing is shared out. Both are 1 when all rates are equal. */

/** Jain, Chiu and Hawe 1984: (Σx)² / (n Σx²), from 1/n (one has all) to 1. 1 when nobody got anything. */
export function jainIndex(rates: readonly number[]): number {
  if (rates.length === 0) throw new RangeError('the fairness of no rates does not exist');
  let sum = 0;
  let squares = 0;
  // Scaled by the largest: squares of very large or small rates would overflow or vanish.
  const largest = Math.max(...rates.map(Math.abs));
  if (largest === 0) return 1;
  for (const rate of rates) {
    if (!(rate >= 0 && rate < Infinity)) throw new RangeError(`a rate is 0 or more; got ${rate}`);
    sum += rate / largest;
    squares += (rate / largest) ** 2;
  }
  // Rounding may carry equal shares a hair above 1.
  return Math.min(1, (sum * sum) / (rates.length * squares));
}

/** The slowest CPU's rate against the fastest's: 0 when one starved. 1 when nobody got anything. */
export function minMaxRatio(rates: readonly number[]): number {
  if (rates.length === 0) throw new RangeError('the fairness of no rates does not exist');
  const largest = Math.max(...rates);
  return largest === 0 ? 1 : Math.min(...rates) / largest;
}
