/**
 * What the page's script gets, as JSON in the page. Everything a reader sees as text is formatted
 * before it comes here; the script only draws.
 */

/** Median, lower and upper end of its interval. */
export type Estimate = readonly [median: number, low: number, high: number];

/** Operations a second by all CPUs together, or nanoseconds an operation takes one CPU. */
export type Metric = 'rate' | 'time';

export interface ChartPoint {
  readonly cpus: number;
  readonly rate: Estimate;
  readonly time: Estimate;
  readonly rateText: string;
  readonly timeText: string;
  /** More CPUs than the host has cores: drawn hollow. */
  readonly oversubscribed: boolean;
}

export interface ChartSeries {
  readonly name: string;
  /** Which colour and shape: a variant has the same, measured and modelled. */
  readonly look: number;
  /** Drawn dashed, with ringed marks. */
  readonly modelled: boolean;
  readonly points: readonly ChartPoint[];
  /** Curve of the fitted law, where it may be shown: CPUs and value. */
  readonly fit?: Readonly<Record<Metric, readonly (readonly [cpus: number, value: number])[]>>;
}

export interface ChartData {
  readonly id: string;
  /** Cores of the host: the shaded part of a chart begins beyond. */
  readonly cores: number;
  /** Against CPU counts, or (when only one was measured) the variants side by side. */
  readonly kind: 'scaling' | 'comparison';
  readonly metric: Metric;
  /** What is counted: `acquisitions`, `acquisition`. */
  readonly unit: readonly [plural: string, singular: string];
  readonly series: readonly ChartSeries[];
}

export interface PageData {
  readonly charts: readonly ChartData[];
  /** Outlines of the markers, series by series, as points in the square −1 … 1. */
  readonly markers: readonly (readonly (readonly [x: number, y: number])[])[];
}
