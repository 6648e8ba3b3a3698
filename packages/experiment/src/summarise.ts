/** From what the CPUs sent back to results, fits and headlines. All functions are pure. */

import type { Cell } from './cell.ts';
import type { BootParameters, Experiment } from './contract.ts';
import { mergeHistograms, percentile, type HistogramRecord } from './histogram.ts';
import { headlinesOf } from './headlines.ts';
import { boundaries } from './host.ts';
import type { CpuMeasurement } from './measure.ts';
import type { ModelDetails } from './model-details.ts';
import { showCpus } from './names.ts';
import type {
  CellRecord,
  CurveName,
  Fit,
  Latency,
  Recording,
  RepeatOfCell,
  Result,
} from './results.ts';
import { SCHEMA } from './results.ts';
import { medianInterval } from './statistics/bootstrap.ts';
import { jainIndex } from './statistics/fairness.ts';
import { judgeUsl } from './statistics/publish.ts';
import { median } from './statistics/quantile.ts';
import type { Run } from './statistics/usl.ts';

/** What the host knows of a cell beside the cell itself. */
export interface CellOrigin {
  readonly package: string;
  readonly oversubscribed: boolean;
  readonly bootParameters?: BootParameters;
  readonly profile?: string;
  readonly model?: ModelDetails;
}

/** Joins what all CPUs of one cell sent back. Repeats measured on another boot are appended to `repeats`. */
export function recordCell(
  experiment: Experiment,
  cell: Cell,
  measured: readonly CpuMeasurement[],
  origin: CellOrigin,
): CellRecord {
  const inOrder = cell.cpus.map((id) => {
    const found = measured.find((one) => one.cpu === id);
    if (found?.repeats.length === cell.repeats) return found;
    throw new RangeError(
      `${experiment.name}: CPU ${id} sent ${found?.repeats.length ?? 'no'} repeats; ${cell.repeats} were asked for`,
    );
  });
  const repeats = Array.from({ length: cell.repeats }, (_, r): RepeatOfCell => {
    const records = inOrder.map((one) => one.repeats[r]!);
    const cpus = records.map(({ operations, beganNs, endedNs }) => ({
      operations,
      beganNs,
      endedNs,
    }));
    const histograms = records.flatMap(({ latency }) => (latency === undefined ? [] : [latency]));
    return histograms.length === 0 ? { cpus } : { cpus, latency: mergeHistograms(histograms) };
  });
  const { variant, clock, knobs, window, seed } = cell;
  const { bootParameters = {}, package: packageName, oversubscribed, profile, model } = origin;
  const set = Object.fromEntries(
    Object.entries(knobs).filter(([name, value]) => value !== experiment.knobs[name]?.[0]),
  );
  const name = curveName({
    ...{ experiment: experiment.name, package: packageName, variant, clock },
    ...(profile === undefined ? {} : { profile }),
    ...(Object.keys(set).length === 0 ? {} : { set }),
  });
  const { unit, drivers } = experiment;
  const cpus = cell.cpus.length;
  return {
    ...name,
    cpus,
    unit,
    drivers,
    knobs,
    bootParameters,
    window,
    seed,
    oversubscribed,
    repeats,
    ...(model === undefined ? {} : { model }),
  };
}

/**
 * Operations a second of one repeat, all driving CPUs together. In a timed window every CPU is given
 * the mean of their times: what one CPU ran over the end, another or itself missed at the begin. Fixed
 * work has taken as long as the slowest took.
 */
export function repeatRate(
  cell: Pick<CellRecord, 'drivers' | 'window' | 'experiment' | 'variant' | 'cpus'>,
  repeat: RepeatOfCell,
): number {
  const driving = drivingCpus(cell, repeat);
  let operations = 0;
  let time = 0;
  let first = Infinity;
  let last = 0;
  for (const cpu of driving) {
    operations += cpu.operations;
    time += cpu.endedNs - cpu.beganNs;
    first = Math.min(first, cpu.beganNs);
    last = Math.max(last, cpu.endedNs);
  }
  const ns = cell.window.kind === 'time' ? time / driving.length : last - first;
  if (operations > 0 && ns > 0) return (operations / ns) * 1e9;
  throw new RangeError(
    `${cell.experiment} (${cell.variant}, ${showCpus(cell.cpus)}): a repeat completed ${operations} operations in ${Math.round(ns)} ns; measure longer`,
  );
}

export function summariseCell(cell: CellRecord): Result {
  const rates = cell.repeats.map((repeat) => repeatRate(cell, repeat));
  const driving = cell.drivers === 'one' ? 1 : cell.cpus;
  const shares = cell.repeats.map((repeat) => jainIndex(drivingCpus(cell, repeat).map(rateOf)));
  const latency = latencyOf(
    cell.repeats.flatMap((repeat) => (repeat.latency === undefined ? [] : [repeat.latency])),
  );
  return {
    ...curveName(cell),
    cpus: cell.cpus,
    opsPerSecond: medianInterval(rates),
    nsPerOp: medianInterval(rates.map((rate) => (driving * 1e9) / rate)),
    fairness: median(shares),
    ...(latency === undefined ? {} : { latency }),
    oversubscribed: cell.oversubscribed,
    repeats: cell.repeats.length,
    ...(cell.model === undefined ? {} : { model: cell.model }),
  };
}

/** The boundaries that a curve may cross; see `judgeUsl`. */
export type BoundariesOf = (curve: CurveName) => readonly number[] | undefined;

/** One fit for each curve, over all its runs; oversubscribed ones never enter. */
export function fitCurves(
  cells: readonly CellRecord[],
  boundariesOf: BoundariesOf,
): readonly Fit[] {
  const curves = new Map<string, { name: CurveName; runs: Run[] }>();
  for (const cell of cells) {
    const name = curveName(cell);
    const key = JSON.stringify([name, cell.knobs]);
    const curve = curves.get(key) ?? { name, runs: [] };
    curves.set(key, curve);
    if (cell.oversubscribed) continue;
    for (const repeat of cell.repeats) {
      curve.runs.push({ cpus: cell.cpus, opsPerSecond: repeatRate(cell, repeat) });
    }
  }
  return [...curves.values()].map(({ name, runs }) => ({
    ...name,
    ...judgeUsl(runs, boundariesOf(name)),
  }));
}

/**
 * The whole document from its parts. Under the model clock the boundaries are those of the modelled
 * machine, which the caller knows; without `boundariesOf` they count as unknown there.
 */
export function summarise(
  parts: Omit<Recording, 'schema' | 'results' | 'fits' | 'headlines'>,
  experiments: readonly { readonly package: string; readonly experiment: Experiment }[],
  boundariesOf?: BoundariesOf,
): Recording {
  const ofHost = boundaries(parts.host.topology);
  const ofCurve: BoundariesOf =
    boundariesOf ?? (({ clock }) => (clock === 'parallel' ? ofHost : undefined));
  const results = parts.cells.map(summariseCell);
  const fits = fitCurves(parts.cells, ofCurve);
  return { schema: SCHEMA, ...parts, results, fits, headlines: headlinesOf(experiments, results) };
}

export function curveName({
  experiment,
  package: packageName,
  variant,
  clock,
  profile,
  set,
}: CurveName): CurveName {
  return {
    ...{ experiment, package: packageName, variant, clock },
    ...(profile === undefined ? {} : { profile }),
    ...(set === undefined ? {} : { set }),
  };
}

function drivingCpus(
  cell: Pick<CellRecord, 'drivers'>,
  repeat: RepeatOfCell,
): RepeatOfCell['cpus'] {
  return cell.drivers === 'one' ? repeat.cpus.slice(0, 1) : repeat.cpus;
}

function rateOf(cpu: RepeatOfCell['cpus'][number]): number {
  const ns = cpu.endedNs - cpu.beganNs;
  return ns > 0 ? cpu.operations / ns : 0;
}

function latencyOf(histograms: readonly HistogramRecord[]): Latency | undefined {
  const all = mergeHistograms(histograms);
  if (all.samples === 0) return undefined;
  const at = (p: number): number => percentile(all, p);
  return {
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    max: all.max,
    samples: all.samples,
  };
}
