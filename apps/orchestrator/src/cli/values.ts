import { UsageError } from './errors.ts';

/** Most CPUs a machine can have (@percpu/machine refuses more as well; here the option is named). */
const MAX_CPUS = 4096;

/**
 * Reads `1,2,4` or `1-4,8` into CPU counts, in rising order and without repetition.
 *
 * @throws UsageError naming the part that is not a count.
 */
export function readCpuCounts(text: string): number[] {
  const counts = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part);
    const first = Number(match?.[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (match === null || first < 1 || last < first || last > MAX_CPUS) {
      throw new UsageError(
        `--cpus: "${part.trim()}" is not a CPU count; accepted are counts from 1 to ${MAX_CPUS} as in 1,2,4 or 1-4`,
      );
    }
    for (let cpus = first; cpus <= last; cpus++) counts.add(cpus);
  }
  return [...counts].sort((a, b) => a - b);
}

export interface NumberRange {
  readonly least: number;
  readonly most: number;
  readonly whole?: boolean;
  readonly unit?: string;
}

/** @throws UsageError naming the option, the value and what is accepted. */
export function readNumber(option: string, text: string, range: NumberRange): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const fits = value >= range.least && value <= range.most;
  if (!fits || (range.whole === true && !Number.isInteger(value))) {
    const kind = range.whole === true ? 'a whole number' : 'a number';
    const unit = range.unit === undefined ? '' : ` ${range.unit}`;
    throw new UsageError(
      `--${option}: "${text}" is not ${kind} from ${range.least} to ${range.most}${unit}`,
    );
  }
  return value;
}

/** Reads a comma-separated list of names; empty parts are refused. */
export function readNames(option: string, text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => name === '')) {
    throw new UsageError(`--${option}: "${text}" has an empty name; accepted is a list as in a,b`);
  }
  return [...new Set(names)];
}

/** Reads `heldNs=200` into name and value, both as typed. */
export function readAssignment(text: string): readonly [name: string, value: string] {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0)).trim();
  const value = text.slice(at + 1).trim();
  if (at < 0 || name === '' || value === '') {
    throw new UsageError(`--set: "${text}" is not of the form knob=value, as in heldNs=200`);
  }
  return [name, value];
}
