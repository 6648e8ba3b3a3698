/** Curves that others have measured, point by point; ns per operation and thread. */

export interface PublishedCurve {
  readonly name: string;
  /** Name of the profile. */
  readonly machine: string;
  readonly source: string;
  readonly points: readonly (readonly [cpus: number, ns: number])[];
}

const SOURCE = 'perfbook (McKenney, git of July 2026), CodeSamples/count';

export const ATOMIC_SKX: PublishedCurve = {
  name: 'C: shared atomic counter',
  machine: 'xeon-skx-8s',
  source: SOURCE,
  points: [
    [1, 4.83],
    [2, 63.9],
    [8, 203],
    [28, 624],
    [56, 1325],
    [112, 3206],
    [224, 7064],
    [420, 14820],
  ],
};

export const ATOMIC_MILAN: PublishedCurve = {
  name: 'C: shared atomic counter',
  machine: 'epyc-milan-2s',
  source: SOURCE,
  points: [
    [1, 2.53],
    [2, 11.2],
    [8, 51.7],
    [16, 116],
    [32, 268],
    [64, 584],
    [128, 1605],
    [160, 2672],
  ],
};

export const PER_CPU_SKX: PublishedCurve = {
  name: 'C: per-CPU counter',
  machine: 'xeon-skx-8s',
  source: SOURCE,
  points: [
    [1, 2.15],
    [2, 2.15],
    [8, 2.23],
    [28, 2.33],
    [56, 2.41],
    [112, 3.07],
    [224, 5.6],
    [420, 6.29],
  ],
};

export const PER_CPU_MILAN: PublishedCurve = {
  name: 'C: per-CPU counter',
  machine: 'epyc-milan-2s',
  source: SOURCE,
  points: [
    [1, 3.75],
    [2, 3.6],
    [8, 3.66],
    [16, 3.71],
    [32, 3.66],
    [64, 3.62],
    [128, 4.47],
    [160, 4.94],
  ],
};
