/**
 * The Universal Scalability Law (Gunther 1993):
 *
 *                    γ n
 *   X(n) = ──────────────────────────       γ  rate of one CPU
 *           1 + α (n−1) + β n (n−1)         α  contention: share that is serial (β = 0: Amdahl's law)
 *                                           β  coherency: cost of every pair of CPUs
 *
 * It peaks at n* = √((1−α)/β). Fitted by nonlinear least squares in X, unweighted, over all runs,
 * with α ≥ 0 and β ≥ 0 (Levenberg and Marquardt's method, projected to the bounds, from several
 * starts). Intervals come from the covariance s² (JᵀJ)⁻¹ and Student's t with N − 3 degrees of freedom.
 */

import type { Parameter } from '../results.ts';
import { CONFIDENCE } from './bootstrap.ts';
import { solve, type Matrix3, type Vector3 } from './linear3.ts';
import { studentT } from './student-t.ts';

export interface Run {
  readonly cpus: number;
  readonly opsPerSecond: number;
}

export interface UslFit {
  readonly gamma: Parameter;
  readonly alpha: Parameter;
  readonly beta: Parameter;
  /** Where X is largest; undefined when it only rises (β = 0) or only falls (α ≥ 1). Interval by the delta method on ln n*. */
  readonly peak: Parameter | undefined;
  /** Mean absolute error relative to what was measured, as a share. */
  readonly mape: number;
  /** One for each run, in the order given: measured − fitted, as a share of fitted. */
  readonly residuals: readonly number[];
}

const LEAST_RUNS = 4;
const MAX_ROUNDS = 500;

interface Point {
  readonly params: Vector3;
  readonly error: number;
}

export function uslRate(
  { gamma, alpha, beta }: { gamma: number; alpha: number; beta: number },
  n: number,
): number {
  return (gamma * n) / (1 + alpha * (n - 1) + beta * n * (n - 1));
}

/**
 * Fits; needs `LEAST_RUNS` runs at three CPU counts or more. Whether the fit may be shown is
 * another question: see `publish.ts`.
 */
export function fitUsl(runs: readonly Run[]): UslFit {
  for (const { cpus, opsPerSecond } of runs) {
    if (!(cpus >= 1 && cpus < Infinity))
      throw new RangeError(`a fit needs CPU counts of 1 or more; got ${cpus}`);
    if (!(opsPerSecond > 0 && opsPerSecond < Infinity))
      throw new RangeError(`a fit needs positive rates; got ${opsPerSecond}`);
  }
  if (runs.length < LEAST_RUNS || new Set(runs.map((run) => run.cpus)).size < 3) {
    throw new RangeError(
      `a fit needs at least ${LEAST_RUNS} runs at three CPU counts; got ${runs.length} runs`,
    );
  }
  // In units in which all parameters are near 1: rates of the largest, β of 1/(largest n)².
  const rate = Math.max(...runs.map((run) => run.opsPerSecond));
  const pairs = Math.max(...runs.map((run) => run.cpus)) ** 2;
  const scaled = new ScaledUsl(runs, rate, pairs);
  const best = scaled.minimise();
  const [gamma, alpha, beta] = [best.params[0] * rate, best.params[1], best.params[2] / pairs];
  const covariance = scaled.covariance(best);
  const t = studentT(CONFIDENCE, runs.length - 3);
  const residuals = runs.map(
    (run) => run.opsPerSecond / uslRate({ gamma, alpha, beta }, run.cpus) - 1,
  );
  const errors = residuals.map((r) => Math.abs(r / (1 + r)));
  return {
    gamma: parameter(gamma, t * rate * Math.sqrt(covariance[0][0])),
    alpha: parameter(alpha, t * Math.sqrt(covariance[1][1])),
    beta: parameter(beta, (t / pairs) * Math.sqrt(covariance[2][2])),
    peak: peak(alpha, beta, t, covariance, pairs),
    mape: errors.reduce((sum, e) => sum + e, 0) / errors.length,
    residuals,
  };
}

function parameter(value: number, half: number): Parameter {
  return { value, low: value - half, high: value + half };
}

/** Delta method: ln n* = ½ (ln(1−α) − ln β), so its derivatives are −1/(2(1−α)) and −1/(2β). */
function peak(
  alpha: number,
  beta: number,
  t: number,
  covariance: Matrix3,
  pairs: number,
): Parameter | undefined {
  if (alpha >= 1 || beta <= 0) return undefined;
  const value = Math.sqrt((1 - alpha) / beta);
  const byAlpha = -1 / (2 * (1 - alpha));
  const byBeta = -1 / (2 * beta * pairs);
  const variance =
    byAlpha ** 2 * covariance[1][1] +
    2 * byAlpha * byBeta * covariance[1][2] +
    byBeta ** 2 * covariance[2][2];
  const factor = Math.exp(t * Math.sqrt(Math.max(0, variance)));
  return { value, low: value / factor, high: value * factor };
}

/** The least-squares problem in scaled units; parameters are [γ, α, β]. */
class ScaledUsl {
  readonly #points: readonly { n: number; x: number; pairs: number }[];

  constructor(runs: readonly Run[], rate: number, pairs: number) {
    this.#points = runs.map(({ cpus, opsPerSecond }) => ({
      n: cpus,
      x: opsPerSecond / rate,
      pairs: (cpus * (cpus - 1)) / pairs,
    }));
  }

  /** The best of descents from a grid of starts: one start alone can end in a valley along a bound. */
  minimise(): Point {
    const starts: Point[] = [];
    for (const alpha of [0, 0.01, 0.1, 0.5, 2, 10]) {
      for (const beta of [0, 0.01, 0.1, 1, 10, 100, 1000])
        starts.push(this.#withBestGamma(alpha, beta));
    }
    starts.sort((a, b) => a.error - b.error);
    let best = starts[0]!;
    for (const start of starts.slice(0, 4)) {
      const end = this.#descend(start);
      if (end.error < best.error) best = end;
    }
    return best;
  }

  covariance(at: Point): Matrix3 {
    const { normal } = this.#linearise(at.params);
    const variance = at.error / (this.#points.length - 3);
    const unit = (i: number): Vector3 => [
      i === 0 ? variance : 0,
      i === 1 ? variance : 0,
      i === 2 ? variance : 0,
    ];
    const none: Vector3 = [Infinity, Infinity, Infinity];
    return [
      solve(normal, unit(0)) ?? none,
      solve(normal, unit(1)) ?? none,
      solve(normal, unit(2)) ?? none,
    ];
  }

  /** X is linear in γ, so for given α and β the best γ needs no search. */
  #withBestGamma(alpha: number, beta: number): Point {
    let above = 0;
    let below = 0;
    for (const { n, x, pairs } of this.#points) {
      const shape = n / (1 + alpha * (n - 1) + beta * pairs);
      above += shape * x;
      below += shape * shape;
    }
    return this.#at([above / below, alpha, beta]);
  }

  #at(params: Vector3): Point {
    const [gamma, alpha, beta] = params;
    let error = 0;
    for (const { n, x, pairs } of this.#points)
      error += (x - (gamma * n) / (1 + alpha * (n - 1) + beta * pairs)) ** 2;
    return { params, error };
  }

  /** Normal matrix JᵀJ and gradient Jᵀr at a point. */
  #linearise([gamma, alpha, beta]: Vector3): { normal: Matrix3; gradient: Vector3 } {
    const normal: Matrix3 = [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ];
    const gradient: Vector3 = [0, 0, 0];
    for (const { n, x, pairs } of this.#points) {
      const below = 1 + alpha * (n - 1) + beta * pairs;
      const fitted = (gamma * n) / below;
      const slope: Vector3 = [n / below, (-fitted * (n - 1)) / below, (-fitted * pairs) / below];
      for (const i of [0, 1, 2] as const) {
        gradient[i] += slope[i] * (x - fitted);
        for (const j of [0, 1, 2] as const) normal[i][j] += slope[i] * slope[j];
      }
    }
    return { normal, gradient };
  }

  #descend(start: Point): Point {
    let best = start;
    let damping = 1e-3;
    for (let round = 0; round < MAX_ROUNDS && damping < 1e12; round++) {
      const { normal, gradient } = this.#linearise(best.params);
      // A parameter at its bound that wants to leave the allowed side stays where it is.
      const held = best.params.map((value, i) => i > 0 && value <= 0 && gradient[i]! <= 0);
      const step = solve(
        damped(normal, damping, held),
        gradient.map((g, i) => (held[i] === true ? 0 : g)) as Vector3,
      );
      const next =
        step &&
        this.#at(
          best.params.map((value, i) =>
            Math.max(i === 0 ? Number.MIN_VALUE : 0, value + step[i]!),
          ) as Vector3,
        );
      if (next === undefined || !(next.error < best.error)) {
        damping *= 10;
        continue;
      }
      const gain = best.error - next.error;
      best = next;
      damping = Math.max(damping / 10, 1e-15);
      if (gain <= 1e-15 * best.error) break;
    }
    return best;
  }
}

/** JᵀJ with its diagonal raised (Marquardt), and the rows and columns of held parameters made those of the unit matrix. */
function damped(normal: Matrix3, damping: number, held: readonly boolean[]): Matrix3 {
  return normal.map((row, i) =>
    row.map((value, j) => {
      if (held[i] === true || held[j] === true) return i === j ? 1 : 0;
      return i === j ? value * (1 + damping) : value;
    }),
  ) as Matrix3;
}
