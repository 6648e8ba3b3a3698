/** Two recordings side by side: which points changed by more than the noise. */

import { showCpus } from './names.ts';
import type { CellRecord, CurveName, Recording } from './results.ts';
import { compareExact, compareSamples, type Comparison } from './statistics/compare.ts';
import { curveName, repeatRate } from './summarise.ts';

export interface ComparedPoint extends CurveName, Comparison {
  readonly cpus: number;
}

export interface RecordingComparison {
  /** Ratio = rate in the second over rate in the first: above 1 the second is faster. */
  readonly points: readonly ComparedPoint[];
  /** Measured in one of the two only, as `experiment variant clock cpus knobs`. */
  readonly onlyFirst: readonly string[];
  readonly onlySecond: readonly string[];
}

export function compareRecordings(first: Recording, second: Recording): RecordingComparison {
  const a = new Map(first.cells.map((cell) => [pointName(cell), cell]));
  const b = new Map(second.cells.map((cell) => [pointName(cell), cell]));
  const points: ComparedPoint[] = [];
  for (const [name, before] of a) {
    const after = b.get(name);
    if (after === undefined) continue;
    points.push({
      ...curveName(before),
      cpus: before.cpus,
      ...(isExact(before) && isExact(after)
        ? compareExact(rates(before)[0]!, rates(after)[0]!)
        : compareSamples(rates(before), rates(after))),
    });
  }
  return {
    points,
    onlyFirst: [...a.keys()].filter((name) => !b.has(name)),
    onlySecond: [...b.keys()].filter((name) => !a.has(name)),
  };
}

/** Virtual time has no noise: with one seed there is one figure. */
function isExact({ clock, repeats }: CellRecord): boolean {
  return clock === 'model' && repeats.length === 1;
}

function rates(cell: CellRecord): readonly number[] {
  return cell.repeats.map((repeat) => repeatRate(cell, repeat));
}

/** Points are the same when all that a user chose is; the order of knobs does not matter. */
function pointName(cell: CellRecord): string {
  const knobs = Object.entries(cell.knobs).map(([name, value]) => `${name}=${value}`);
  const clock = cell.profile === undefined ? cell.clock : `${cell.clock}:${cell.profile}`;
  return [
    `${cell.package}/${cell.experiment}`,
    cell.variant,
    clock,
    showCpus(cell.cpus),
    ...knobs.sort(),
  ].join(' ');
}
