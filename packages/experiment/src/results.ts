/**
 * What a measurement comes to. `Summary` is the document that `percpu scale --json` prints, schema
 * 1; a `Recording` is the same with everything it was made from, and is what lies on disk.
 */

import type { Clock } from './contract.ts';

export const SCHEMA = 1;

/** A median of repeats with its 95 % bootstrap interval. One repeat has no interval: all three are equal. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** ns for one operation, from sampled calls of all CPUs and repeats together. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly samples: number;
}

/** One experiment with one variant on so many CPUs. */
export interface Result {
  readonly experiment: string;
  readonly package: string;
  readonly variant: string;
  readonly clock: Clock;
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
  /** Under the model clock: the machine that was modelled. */
  readonly profile?: string;
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
}
