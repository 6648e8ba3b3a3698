/**
 * What a measurement comes to. `Summary` is the document that `percpu scale --json` prints, schema
 * 1; a `Recording` is the same with everything it was made from, and is what lies on disk.
 */

import type { Window } from './cell.ts';
import type { BootParameters, Clock, KnobValues } from './contract.ts';
import type { HistogramRecord } from './histogram.ts';
import type { Host } from './host.ts';
import type { ModelDetails } from './model-details.ts';
import type { Segment } from './statistics/piecewise.ts';

export const SCHEMA = 1;

/** A median of repeats with its 95 % bootstrap interval. One repeat has no interval: all three are equal. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** ns for one operation, from sampled calls of all CPUs and repeats together; see `HISTOGRAM_ERROR`. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly samples: number;
}

/** Which points belong to one curve. */
export interface CurveName {
  readonly experiment: string;
  readonly package: string;
  readonly variant: string;
  readonly clock: Clock;
  /** Under the model clock: the machine that was modelled. */
  readonly profile?: string;
  /** Knobs that were set to something else than their default; absent when none was. */
  readonly set?: KnobValues;
}

/** One experiment with one variant on so many CPUs. */
export interface Result extends CurveName {
  readonly cpus: number;
  /** All CPUs together. */
  readonly opsPerSecond: Estimate;
  /** Per CPU: the time of all CPUs that drive, divided by their operations. */
  readonly nsPerOp: Estimate;
  /** Jain's index of the CPUs' rates, median of the repeats: 1 is equal shares, 1/n one CPU alone. */
  readonly fairness: number;
  readonly latency?: Latency;
  /** More CPUs than the host has cores; never under the model clock. */
  readonly oversubscribed: boolean;
  readonly repeats: number;
  /** Under the model clock: where the time of the first repeat went. */
  readonly model?: ModelDetails;
}

/** A fitted parameter with its 95 % interval, which may reach below what is possible. */
export interface Parameter {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A Universal Scalability Law that describes the data; see `statistics/usl.ts`. */
export interface FittedLaw {
  /** Operations a second of one CPU. */
  readonly gamma: Parameter;
  readonly alpha: Parameter;
  readonly beta: Parameter;
  /** Mean absolute error, as a share. */
  readonly mape: number;
  /** CPUs beyond which the law must not be drawn or quoted. */
  readonly limit: number;
  /** The number of CPUs where throughput is largest, when the data can tell. */
  readonly peak?: Parameter;
}

/** One curve: the law when it may be shown, else why not; and always the curve in straight pieces. */
export interface Fit extends CurveName {
  /** What entered: distinct counts within the host's cores, and how many runs at them. */
  readonly cpuCounts: readonly number[];
  readonly runs: number;
  readonly published: boolean;
  readonly reason?: string;
  readonly law?: FittedLaw;
  readonly piecewise: readonly Segment[];
}

/** What `experiment.headline` returns: `{ label: 'ticket against mutex, 2 CPUs', value: 3.1, unit: '×' }`. */
export interface HeadlineFigure {
  readonly label: string;
  readonly value: number;
  readonly unit: string;
}

export interface Headline extends HeadlineFigure {
  readonly experiment: string;
  readonly package: string;
  /** The machine it is true of, when it was modelled. */
  readonly profile?: string;
}

/** What `percpu scale --json` prints. Readers ignore fields that they do not know. */
export interface Summary {
  readonly schema: typeof SCHEMA;
  readonly host: Host;
  readonly results: readonly Result[];
  readonly fits: readonly Fit[];
  readonly headlines: readonly Headline[];
}

/** What one CPU did in one repeat: ns after the start barrier. */
export interface CpuRecord {
  readonly operations: number;
  readonly beganNs: number;
  readonly endedNs: number;
}

export interface RepeatOfCell {
  /** By index in the measurement; the leader first. */
  readonly cpus: readonly CpuRecord[];
  /** Of all CPUs together. */
  readonly latency?: HistogramRecord;
}

/** Everything about one measured point. */
export interface CellRecord extends CurveName {
  readonly cpus: number;
  readonly unit: string;
  readonly drivers: 'all' | 'one';
  readonly knobs: KnobValues;
  readonly bootParameters: BootParameters;
  readonly window: Window;
  readonly seed: number;
  readonly oversubscribed: boolean;
  readonly repeats: readonly RepeatOfCell[];
  /** Of the first repeat, when an engine gave any. */
  readonly model?: ModelDetails;
}

export interface Recording extends Summary {
  /** ISO 8601, UTC. */
  readonly created: string;
  /** The command that repeats it, word by word. */
  readonly command: readonly string[];
  readonly seed: number;
  /** Stopped before all points were measured. */
  readonly interrupted: boolean;
  readonly cells: readonly CellRecord[];
}
