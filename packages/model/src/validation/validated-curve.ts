import type { FigureName } from '../profile/figures.ts';
import type { CurvePoint, Verdict } from './judge.ts';

export type Unit = 'ns' | 'speed-up' | 'efficiency' | 'throughput';

export interface ValidatedCurve extends Verdict {
  readonly name: string;
  readonly machine: string;
  readonly source: string;
  readonly unit: Unit;
  /** Fitted on the first half of the points: figures of the profile in their units, and those of WorkloadFigure. */
  readonly fitted: Readonly<Partial<Record<FigureName | WorkloadFigure, number>>>;
  readonly points: readonly CurvePoint[];
  /** Largest error of a point, as a share. */
  readonly worst: number;
}

/** `alone`: ns that an operation takes one thread alone, where a publication does not say so. `distance`: a factor on all distances. */
export type WorkloadFigure = 'alone' | 'distance';

export function worst(points: readonly CurvePoint[]): number {
  return Math.max(...points.map(({ published, model }) => Math.abs(model / published - 1)));
}

/** Those on which parameters may be fitted. */
export function firstHalf<T>(points: readonly T[]): readonly T[] {
  return points.slice(0, points.length / 2);
}
