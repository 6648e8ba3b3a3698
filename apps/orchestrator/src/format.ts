/**
 * Numbers as people read them: three significant digits, a unit, no scientific notation. Used by
 * the terminal, the report and the comparison alike, so that one figure looks the same everywhere.
 */

interface Step {
  readonly from: number;
  readonly divide: number;
  readonly unit: string;
}

const TIME: readonly Step[] = [
  { from: 1e9, divide: 1e9, unit: 's' },
  { from: 1e6, divide: 1e6, unit: 'ms' },
  { from: 1e3, divide: 1e3, unit: 'µs' },
  { from: 0, divide: 1, unit: 'ns' },
];

const COUNT: readonly Step[] = [
  { from: 1e9, divide: 1e9, unit: 'G' },
  { from: 1e6, divide: 1e6, unit: 'M' },
  { from: 1e3, divide: 1e3, unit: 'k' },
  { from: 0, divide: 1, unit: '' },
];

/** Three significant digits, but never fewer than all digits before the point: 0.123, 12.3, 1234. */
export function threeDigits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  // 9.999 has two digits before the point once it is rounded.
  const size = Math.abs(Number(value.toPrecision(3)));
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  if (size >= 1) return value.toFixed(2);
  if (size === 0) return '0';
  return size >= 0.001 ? value.toFixed(3) : value.toPrecision(2);
}

function scaled(value: number, steps: readonly Step[], space: string): string {
  if (!Number.isFinite(value)) return '–';
  const { divide, unit } = stepOf(value, steps);
  const digits = threeDigits(value / divide);
  return unit === '' ? digits : `${digits}${space}${unit}`;
}

/** `3.42 ns`, `12.5 µs`, `1.20 s`. The argument is in nanoseconds. */
export function formatNs(ns: number): string {
  // A time less the cost of taking it: nothing is left of what the clock cannot see.
  if (ns < 0.05) return '<0.1 ns';
  return scaled(ns, TIME, ' ');
}

/** `12.5 M/s`. The argument is operations a second. */
export function formatRate(perSecond: number): string {
  return `${scaled(perSecond, COUNT, ' ')}/s`;
}

/** A median with its interval in the unit of the median: `12.5 M/s (12.1–12.9)`. */
export function formatRateEstimate(estimate: Interval): string {
  return withInterval(estimate, COUNT, ' ', '/s');
}

/** `3.42 ns (3.40–3.51)`. */
export function formatNsEstimate(estimate: Interval): string {
  return withInterval(estimate, TIME, ' ', '');
}

/** A value and the ends of its interval. */
export interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The interval alone, in the unit of the median: `12.1–12.9`. Empty where there is none; each end
 * in a unit of its own where they are orders of magnitude apart.
 */
export function formatEnds({ median, low, high }: Interval, kind: 'rate' | 'time'): string {
  if (low === high) return '';
  if (high > median * 100 || low < median / 100) {
    const format = kind === 'rate' ? formatRate : formatNs;
    return `${format(low)}–${format(high)}`;
  }
  const { divide } = stepOf(median, kind === 'rate' ? COUNT : TIME);
  return `${threeDigits(low / divide)}–${threeDigits(high / divide)}`;
}

function withInterval(
  estimate: Interval,
  steps: readonly Step[],
  space: string,
  suffix: string,
): string {
  const value = `${scaled(estimate.median, steps, space)}${suffix}`;
  const ends = formatEnds(estimate, steps === COUNT ? 'rate' : 'time');
  return ends === '' ? value : `${value} (${ends})`;
}

function stepOf(value: number, steps: readonly Step[]): Step {
  return steps.find(({ from }) => Math.abs(value) >= from) ?? { from: 0, divide: 1, unit: '' };
}

/** `12.5 k`, `850`. */
function formatCount(count: number): string {
  return scaled(count, COUNT, ' ');
}

/** `×2.31`, `×0.42`. */
function formatRatio(ratio: number): string {
  return `×${threeDigits(ratio)}`;
}

/** A figure in a unit that its author chose: `×3.10`, `1.85 µs`, `12.5 M/s`, `42.0 acquisitions`. */
export function formatFigure(value: number, unit: string): string {
  if (unit === '×' || unit === 'x') return formatRatio(value);
  if (unit === 'ns') return formatNs(value);
  if (unit === '/s') return formatRate(value);
  return `${formatCount(value)} ${unit}`.trimEnd();
}

/** `+12 %`, `−3.4 %`. The argument is a fraction. */
export function formatChange(fraction: number): string {
  const percent = threeDigits(Math.abs(fraction) * 100);
  return `${fraction < 0 ? '−' : '+'}${percent} %`;
}

/** `16 GiB`, `512 KiB`. The argument is in bytes. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number.isInteger(value) ? String(value) : threeDigits(value)} ${units[unit] ?? ''}`;
}

/** `1 min 20 s`, `45 s`, `0.4 s`. The argument is in seconds. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  const rest = whole % 60;
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/** `1 CPU`, `4 CPUs`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The unit of an experiment is a plural, `hand-overs`, `accesses`; this is one of them. */
export function singular(unit: string): string {
  return unit.replace(/(ss|sh|ch|x)es$/, '$1').replace(/([^s])s$/, '$1');
}
