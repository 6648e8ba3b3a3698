/** Curves of locks that others have measured, point by point. */

/** Efficiency of readers: rate of one of them, by the rate of a single one. */
export interface ReadSideCurve {
  readonly title: string;
  /** So many times a reader waits for `READ_SIDE_WAIT` while it holds the lock. */
  readonly waits: number;
  readonly points: readonly (readonly [cpus: number, efficiency: number])[];
}

/** Operations of all threads, in units of `unitNs`. */
export interface LockCurve {
  readonly lock: 'queued' | 'cna';
  readonly points: readonly (readonly [threads: number, operations: number])[];
}

export interface LockWorkload {
  readonly name: string;
  /** will-it-scale binds its threads to cores, in their order; nobody binds those of locktorture. */
  readonly placement: 'fill' | 'spread';
  /** ns that an operation takes one thread alone, where the publication gives operations a second. */
  readonly alone: number | undefined;
  readonly curves: readonly LockCurve[];
}

export const READ_SIDE_SOURCE =
  'perfbook (McKenney, git of July 2026), rwlockscale: the reader-writer lock of POSIX threads';

const READERS: readonly number[] = [8, 28, 56, 112, 224, 420];
const readers = (...efficiency: number[]): ReadSideCurve['points'] =>
  efficiency.map((value, i) => [READERS[i]!, value]);

/**
 * Called 1, 10, 100 us in the data: one wait less than that, so the first is lock and unlock alone. The rates of one thread say
 * the same: 36.3 million a second, 110 200, 10 010, 992 and 99.5.
 */
const LOCK_AND_UNLOCK = 27.5;

/** ns. */
export const READ_SIDE_WAIT = 1000;

export const READ_SIDE: readonly ReadSideCurve[] = [
  {
    title: `${LOCK_AND_UNLOCK} ns`,
    waits: 0,
    points: readers(0.0236, 0.0066, 0.0035, 0.00145, 0.00057, 0.00026),
  },
  {
    title: '10 us',
    waits: 9,
    points: readers(0.809, 0.268, 0.12, 0.055, 0.0231, 0.0091),
  },
  {
    title: '100 us',
    waits: 99,
    points: readers(0.997, 0.977, 0.819, 0.325, 0.135, 0.069),
  },
  {
    title: '1 ms',
    waits: 999,
    points: readers(1, 0.999, 0.994, 0.978, 0.832, 0.37),
  },
  {
    title: '10 ms',
    waits: 9999,
    points: readers(1, 1, 0.997, 0.996, 0.978, 0.91),
  },
];

/** ns that lock and unlock take one thread alone. */
export const READ_SIDE_ALONE: number = LOCK_AND_UNLOCK;

export const LOCKS_SOURCE = 'Kogan, LKML, CNA v11 of September 2020: means of 25 runs';

const THREADS: readonly number[] = [1, 2, 4, 8, 16, 32, 36, 72, 108, 142];
const threads = (...operations: number[]): LockCurve['points'] =>
  operations.map((value, i) => [THREADS[i]!, value]);

export const LOCK_WORKLOADS: readonly LockWorkload[] = [
  {
    name: 'locktorture',
    placement: 'spread',
    alone: undefined,
    curves: [
      {
        lock: 'queued',
        points: threads(2.682, 2.81, 4.273, 5.071, 5.84, 6.246, 6.355, 6.129, 5.921, 5.763),
      },
      {
        lock: 'cna',
        points: threads(2.695, 2.797, 4.294, 6.755, 8.94, 9.866, 9.968, 10.231, 10.246, 10.186),
      },
    ],
  },
  {
    name: 'lock2_threads',
    placement: 'fill',
    alone: 1000 / 1.6,
    curves: [
      {
        lock: 'queued',
        points: threads(1.6, 2.792, 5.395, 4.285, 4.168, 2.45, 2.403, 1.842, 1.888, 1.806),
      },
      {
        lock: 'cna',
        points: threads(1.614, 2.813, 5.21, 4.125, 3.96, 3.999, 3.922, 3.913, 3.937, 3.894),
      },
    ],
  },
];
