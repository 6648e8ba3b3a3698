import type { ChartData, Metric } from './chart-data.ts';

/** How values become positions on a chart, and which of them get a tick. */
export interface ChartScale {
  /** Position of a CPU count (or of a series, where series stand side by side). */
  x(value: number): number;
  y(value: number): number;
  readonly xRange: readonly [number, number];
  readonly yRange: readonly [number, number];
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
  xLabel(value: number): string;
  yLabel(value: number): string;
  readonly xTitle: string;
  readonly yTitle: string;
}

/**
 * Chooses ranges and ticks for a chart. Runs in the page: it must not refer to anything outside
 * itself, because its text is copied there.
 */
export function chartScale(chart: ChartData, metric: Metric, logarithmic: boolean): ChartScale {
  const counts = [...new Set(chart.series.flatMap((s) => s.points.map((p) => p.cpus)))];
  counts.sort((a, b) => a - b);
  const scaling = chart.kind === 'scaling';
  const x = (value: number): number => (scaling && logarithmic ? Math.log2(value) : value);
  const y = (value: number): number => (logarithmic ? Math.log10(value) : value);

  const xs = scaling ? counts : chart.series.map((_, index) => index);
  const first = x(xs[0] ?? 0);
  const last = x(xs.at(-1) ?? 1);
  const xPad = scaling ? Math.max((last - first) * 0.07, 0.15) : 0.6;

  // Ends of intervals, so that no whisker leaves the chart; zero and below cannot be on a log scale.
  const ends = chart.series.flatMap((s) => s.points.flatMap((p) => p[metric]));
  const shown = ends.filter((value) => Number.isFinite(value) && (!logarithmic || value > 0));
  const least = shown.length === 0 ? 1 : Math.min(...shown);
  const most = shown.length === 0 ? 10 : Math.max(...shown);
  const yRange = logarithmic ? logRange(least, most) : ([0, most * 1.08 || 1] as const);

  return {
    x,
    y,
    xRange: [first - xPad, last + xPad],
    yRange,
    xTicks: thin(xs, scaling ? 12 : xs.length),
    yTicks: logarithmic ? logTicks(yRange) : linearTicks(yRange[1]),
    xLabel: (value) => (scaling ? String(value) : (chart.series[value]?.name ?? '')),
    yLabel: metric === 'rate' ? rateLabel : timeLabel,
    xTitle: scaling ? 'CPUs' : '',
    yTitle:
      metric === 'rate' ? `${chart.unit[0]} per second, all CPUs` : `time per ${chart.unit[1]}`,
  };

  function logRange(low: number, high: number): readonly [number, number] {
    // At least half a decade: nearly equal values should look nearly equal.
    const middle = (Math.log10(low) + Math.log10(high)) / 2;
    const half = Math.max((Math.log10(high) - Math.log10(low)) / 2, 0.25) * 1.14;
    return [middle - half, middle + half];
  }

  function logTicks([low, high]: readonly [number, number]): number[] {
    const decades = high - low;
    const steps = decades > 4 ? [1] : decades > 1.7 ? [1, 3] : [1, 2, 5];
    const ticks: number[] = [];
    for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
      for (const step of steps) {
        const value = step * 10 ** power;
        if (Math.log10(value) >= low && Math.log10(value) <= high) ticks.push(value);
      }
    }
    return ticks;
  }

  function linearTicks(high: number): number[] {
    const rough = high / 5;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
    const ticks: number[] = [];
    for (let k = 0; k * step <= high; k++) ticks.push(k * step);
    return ticks;
  }

  /** Keeps a list readable: every second, third … entry, always with the last. */
  function thin(values: readonly number[], most: number): number[] {
    const stride = Math.ceil(values.length / Math.max(1, most));
    const end = values.length - 1;
    return values.filter((_, index) => (end - index) % stride === 0);
  }

  function rateLabel(value: number): string {
    return short(value, [
      [1e9, 'G'],
      [1e6, 'M'],
      [1e3, 'k'],
    ]);
  }

  function timeLabel(value: number): string {
    if (value === 0) return '0';
    return short(value, [
      [1e9, ' s'],
      [1e6, ' ms'],
      [1e3, ' µs'],
      [0, ' ns'],
    ]);
  }

  function short(value: number, steps: readonly (readonly [from: number, unit: string])[]): string {
    const [from, unit] = steps.find(([start]) => value >= start) ?? [1, ''];
    // Sum of floating-point steps: 0.30000000000000004 is 0.3.
    return `${Number((value / (from === 0 ? 1 : from)).toPrecision(6))}${unit}`;
  }
}
