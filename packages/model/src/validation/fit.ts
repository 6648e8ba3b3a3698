/** Least squares of the logarithms: golden-section search (Kiefer 1953) in one variable. */

const GOLDEN = (Math.sqrt(5) - 1) / 2;
const ROUNDS = 32;

/** The value between `low` and `high` (both positive, searched on a logarithmic scale) at which `error` is least. */
export function fitOne(
  low: number,
  high: number,
  error: (value: number) => number,
  rounds: number = ROUNDS,
): number {
  let a = Math.log(low);
  let b = Math.log(high);
  let x = b - GOLDEN * (b - a);
  let y = a + GOLDEN * (b - a);
  let fx = error(Math.exp(x));
  let fy = error(Math.exp(y));
  for (let round = 0; round < rounds; round++) {
    if (fx < fy) {
      [b, y, fy] = [y, x, fx];
      x = b - GOLDEN * (b - a);
      fx = error(Math.exp(x));
    } else {
      [a, x, fx] = [x, y, fy];
      y = a + GOLDEN * (b - a);
      fy = error(Math.exp(y));
    }
  }
  return Math.exp((a + b) / 2);
}
