/**
 * Does the model describe a curve? Three questions, of which none is about absolute values at every point: does it turn
 * where the published one turns, does it bend where that bends, does it end where that ends.
 */

export interface CurvePoint {
  readonly cpus: number;
  readonly published: number;
  readonly model: number;
}

export interface Verdict {
  /** Every published step of more than 10 % goes the same way. */
  readonly signs: boolean;
  /** The sharpest bend is at the same listed point or at its neighbour. */
  readonly knee: boolean;
  /** The last point of the model by that of the publication; accepted from 1/1.3 to 1.3. */
  readonly endRatio: number;
  readonly pass: boolean;
}

const STEP = 1.1;
const END = 1.3;

export function judge(points: readonly CurvePoint[]): Verdict {
  const signs = points.slice(1).every((point, i) => {
    const before = points[i]!;
    const step = point.published / before.published;
    if (step <= STEP && step >= 1 / STEP) return true;
    return step > 1 ? point.model > before.model : point.model < before.model;
  });
  const published = bend(points.map(({ cpus, published: y }) => [cpus, y]));
  const model = bend(points.map(({ cpus, model: y }) => [cpus, y]));
  const knee = Math.abs(published - model) <= 1;
  const last = points.at(-1)!;
  const endRatio = last.model / last.published;
  return { signs, knee, endRatio, pass: signs && knee && endRatio <= END && endRatio >= 1 / END };
}

/** Index of the inner point at which the slope of log y over log x changes most. */
function bend(points: readonly (readonly [number, number])[]): number {
  const slopes = points.slice(1).map(([x, y], i) => {
    const [x0, y0] = points[i]!;
    return Math.log(y / y0) / Math.log(x / x0);
  });
  let at = 1;
  let most = 0;
  for (let i = 1; i < slopes.length; i++) {
    const change = Math.abs(slopes[i]! - slopes[i - 1]!);
    // The same bend twice is the first: rounding must not decide.
    if (change > most * (1 + 1e-9)) {
      most = change;
      at = i;
    }
  }
  return at;
}
