/**
 * When a fit of the Universal Scalability Law may be shown: only where it describes the data. The
 * law always fits somehow, and its parameters read like facts about a program, so every rule here
 * refuses by default and says why.
 */

import type { Fit, FittedLaw } from '../results.ts';
import { piecewise } from './piecewise.ts';
import { median } from './quantile.ts';
import { fitUsl, type Run, type UslFit } from './usl.ts';

/** Fewer do not span a knee. */
export const LEAST_CPU_COUNTS = 6;
export const MAX_MAPE = 0.1;
/** A law says nothing beyond so many times the largest count that was measured. */
export const EXTRAPOLATION = 2;

/** As many neighbours off to the same side are a trend, not noise … */
const RUN_LENGTH = 3;
/** … when each is off by half of what the error may be on average. */
const RUN_SIZE = MAX_MAPE / 2;

/** A row of neighbouring CPU counts where the fit is wrong in the same direction. */
export interface ResidualRun {
  readonly from: number;
  readonly to: number;
  readonly side: 'above' | 'below';
}

export type Judgement = Pick<
  Fit,
  'cpuCounts' | 'runs' | 'published' | 'reason' | 'law' | 'piecewise'
>;

/**
 * Fits all runs (not their means) and decides. `boundaries` are the CPU counts after which the next
 * one is further away (socket, cache, hyperthreads); undefined when they are not known: then every
 * step might be one. No oversubscribed run may be among `runs`.
 */
export function judgeUsl(
  runs: readonly Run[],
  boundaries: readonly number[] | undefined,
): Judgement {
  const curve = medians(runs);
  const cpuCounts = curve.map((point) => point.cpus);
  const common = { cpuCounts, runs: runs.length, piecewise: piecewise(curve) };
  if (cpuCounts.length < LEAST_CPU_COUNTS) {
    const reason = `${cpuCounts.length} CPU ${cpuCounts.length === 1 ? 'count' : 'counts'} within the host's cores; a fit needs ${LEAST_CPU_COUNTS}`;
    return { ...common, published: false, reason };
  }
  const fit = fitUsl(runs);
  const reason = whyNot(fit, runs, boundaries);
  if (reason !== undefined) return { ...common, published: false, reason };
  return { ...common, published: true, law: toLaw(fit, cpuCounts[cpuCounts.length - 1]!) };
}

/** The first rule that a fit breaks, in words; undefined when it may be published. */
function whyNot(
  fit: UslFit,
  runs: readonly Run[],
  boundaries: readonly number[] | undefined,
): string | undefined {
  const { alpha, mape } = fit;
  if (!(alpha.value >= 0 && alpha.value < 1)) {
    return `the contention α would be ${alpha.value.toPrecision(3)}, outside 0 ≤ α < 1: a second CPU costs more than the law can say`;
  }
  if (!(mape < MAX_MAPE))
    return `the law misses the data by ${(mape * 100).toFixed(1)} % on average; allowed are ${MAX_MAPE * 100} %`;
  for (const run of residualRuns(runs, fit.residuals)) {
    const crossed =
      boundaries === undefined ? undefined : boundaries.find((b) => run.from <= b && run.to > b);
    if (boundaries !== undefined && crossed === undefined) continue;
    const where =
      crossed === undefined
        ? 'the topology of the host is not known'
        : `across the boundary at ${crossed}`;
    return `all data from ${run.from} to ${run.to} CPUs lie ${run.side} the law (${where})`;
  }
  return undefined;
}

/** Longest rows of at least three neighbouring CPU counts whose mean residual has the same sign and is at least 5 %. */
export function residualRuns(
  runs: readonly Run[],
  residuals: readonly number[],
): readonly ResidualRun[] {
  const found: ResidualRun[] = [];
  let row: number[] = [];
  let side = 0;
  const close = (): void => {
    if (row.length >= RUN_LENGTH)
      found.push({ from: row[0]!, to: row[row.length - 1]!, side: side > 0 ? 'above' : 'below' });
    row = [];
  };
  for (const [cpus, mean] of means(runs, residuals)) {
    const here = Math.abs(mean) < RUN_SIZE ? 0 : Math.sign(mean);
    if (here !== side) close();
    side = here;
    if (here !== 0) row.push(cpus);
  }
  close();
  return found;
}

function toLaw(fit: UslFit, largest: number): FittedLaw {
  const { gamma, alpha, beta, mape, peak } = fit;
  const limit = EXTRAPOLATION * largest;
  const law = { gamma, alpha, beta, mape, limit };
  // A peak whose interval ends beyond the limit is a guess about CPUs nobody has seen.
  return peak === undefined || peak.high > limit ? law : { ...law, peak };
}

function groups<T>(keys: readonly number[], values: readonly T[]): [number, T[]][] {
  const byKey = new Map<number, T[]>();
  for (const [i, key] of keys.entries()) byKey.set(key, [...(byKey.get(key) ?? []), values[i]!]);
  return [...byKey].sort(([a], [b]) => a - b);
}

function medians(runs: readonly Run[]): Run[] {
  const grouped = groups(
    runs.map((run) => run.cpus),
    runs.map((run) => run.opsPerSecond),
  );
  return grouped.map(([cpus, rates]) => ({ cpus, opsPerSecond: median(rates) }));
}

function means(runs: readonly Run[], residuals: readonly number[]): [number, number][] {
  const grouped = groups(
    runs.map((run) => run.cpus),
    residuals,
  );
  return grouped.map(([cpus, some]) => [cpus, some.reduce((sum, r) => sum + r, 0) / some.length]);
}
