/**
 * Curve F: the queued spin lock and CNA on four sockets. What is modelled is the locks of @percpu/locks themselves, in its
 * experiment `lock-handover`: threads that take a lock, hold it, and work for a while.
 *
 * Distances in the profile are halves of a compare-exchange that two cores play to and fro, which is more than one
 * transfer. So two things are fitted on first halves: a factor on all distances, on the queued lock of lock2_threads, whose
 * threads sit in one socket there; and for locktorture, of which no rates are given, what an operation takes one thread alone. No
 * point of CNA is fitted. But where threads sit, how long windows are and what it is that gets a factor were chosen with all points
 * in sight, so nothing here is a prediction.
 */
import { chooseCell, findByName, recordCell, summariseCell } from '@percpu/experiment';
import { experiments } from '@percpu/locks/experiments';
import type { WindowEffort } from '../clock/window-keeper.ts';
import { measurePoint } from '../point.ts';
import type { Profile } from '../profile/profile.ts';
import { PROFILES } from '../profile/profiles.ts';
import { fitOne } from './fit.ts';
import { judge } from './judge.ts';
import { LOCK_WORKLOADS, LOCKS_SOURCE } from './published-locks.ts';
import type { LockCurve, LockWorkload } from './published-locks.ts';
import { firstHalf, worst } from './validated-curve.ts';
import type { ValidatedCurve } from './validated-curve.ts';

const MACHINE = PROFILES.find(({ name }) => name === 'xeon-hsx-4s')!;
const handover = findByName(experiments, 'lock-handover');
const { figures } = MACHINE;
/** Of a search; each turn models the first half of a curve. */
const ROUNDS = 6;
const FACTORS = [0.3, 1.2] as const;
/** In ns. */
const ALONE = [300, 3000] as const;

interface Fitted {
  /** ns of an operation, one thread alone. */
  readonly alone: number;
  /** Factor on all distances. */
  readonly distance: number;
}

/** The machine with its distances as many times as long. */
function scaled(factor: number): Profile {
  const distances = (['smt', 'llc', 'socket', 'remote'] as const).map((name) => {
    const figure = figures[name]!;
    return [name, { ...figure, value: figure.value * factor }] as const;
  });
  return { ...MACHINE, figures: { ...figures, ...Object.fromEntries(distances) } };
}

/** CNA hands the lock on within a node 256 times before it turns to the next: a window has to see that several times. */
function effortFor(lock: LockCurve['lock'], threads: number): WindowEffort {
  const measured = lock === 'cna' && threads > 16 ? 80_000 : 8_000 + 60 * threads;
  return { warmUp: measured / 4, measured };
}

/** Acquisitions of all threads per ns. */
function throughput(
  lock: LockCurve['lock'],
  threads: number,
  { placement }: LockWorkload,
  { alone, distance }: Fitted,
): number {
  const knobs = { heldNs: 0, thinkNs: alone, locks: 1 };
  const cell = { ...chooseCell(handover, { variant: lock, clock: 'model', cpus: threads }), knobs };
  const { cpus } = measurePoint({
    profile: scaled(distance),
    experiment: handover,
    cell,
    placement,
    effort: effortFor(lock, threads),
  });
  const origin = { package: '@percpu/model', oversubscribed: false };
  return summariseCell(recordCell(handover, cell, cpus, origin)).opsPerSecond.median / 1e9;
}

/** Operations as published: where their unit of time is not known, as many as of one thread alone. */
function modelled(
  curve: LockCurve,
  points: LockCurve['points'],
  workload: LockWorkload,
  work: Fitted,
): ValidatedCurve['points'] {
  const [[, one]] = workload.curves[0]!.points as [LockCurve['points'][number]];
  const single = throughput('queued', 1, workload, work);
  const unit = workload.alone === undefined ? one / single : 1000;
  return points.map(([cpus, published]) => ({
    cpus,
    published,
    model: unit * (cpus === 1 ? single : throughput(curve.lock, cpus, workload, work)),
  }));
}

/** The sum of squares on the first half of the queued lock. */
function error(workload: LockWorkload, work: Fitted): number {
  const [curve] = workload.curves as [LockCurve];
  return modelled(curve, firstHalf(curve.points), workload, work).reduce(
    (sum, { published, model }) => sum + Math.log(model / published) ** 2,
    0,
  );
}

export function validateQueuedLocks(): ValidatedCurve[] {
  const rated = LOCK_WORKLOADS.find(({ alone }) => alone !== undefined)!;
  const distance = fitOne(
    ...FACTORS,
    (value) => error(rated, { alone: rated.alone!, distance: value }),
    ROUNDS,
  );
  return LOCK_WORKLOADS.flatMap((workload) => {
    const known = workload.alone;
    const alone =
      known ?? fitOne(...ALONE, (value) => error(workload, { alone: value, distance }), ROUNDS);
    const fitted = known === undefined ? { alone, distance } : { distance };
    return workload.curves.map((curve) => {
      const points = modelled(curve, curve.points, workload, { alone, distance });
      return {
        name: `F: ${curve.lock} lock, ${workload.name}`,
        machine: MACHINE.name,
        source: LOCKS_SOURCE,
        unit: 'throughput' as const,
        fitted,
        points,
        worst: worst(points),
        ...judge(points),
      };
    });
  });
}
