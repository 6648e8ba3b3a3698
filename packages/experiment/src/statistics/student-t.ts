/** Quantiles of Student's t for whole degrees of freedom, from the finite series of its distribution. */

/** P(|T| ≤ t) with `freedom` degrees: Abramowitz and Stegun 26.7.3 (odd) and 26.7.4 (even). */
function central(t: number, freedom: number): number {
  const theta = Math.atan(t / Math.sqrt(freedom));
  const cosine2 = Math.cos(theta) ** 2;
  const odd = freedom % 2 === 1;
  let term = odd ? Math.cos(theta) : 1;
  let sum = 0;
  for (let k = odd ? 3 : 2; k <= freedom; k += 2) {
    sum += term;
    term *= (cosine2 * (k - 1)) / k;
  }
  return odd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum;
}

/** t with P(|T| ≤ t) = `confidence`: 2.776 for 0.95 and 4 degrees of freedom. */
export function studentT(confidence: number, freedom: number): number {
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`a confidence is between 0 and 1; got ${confidence}`);
  if (!Number.isInteger(freedom) || freedom < 1)
    throw new RangeError(`degrees of freedom are whole and positive; got ${freedom}`);
  let low = 0;
  let high = 1;
  while (central(high, freedom) < confidence) high *= 2;
  for (let i = 0; i < 64; i++) {
    const middle = (low + high) / 2;
    if (central(middle, freedom) < confidence) low = middle;
    else high = middle;
  }
  return high;
}
