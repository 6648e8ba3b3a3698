/**
 * The model held against curves that others have measured, and against a queueing model that can be solved exactly.
 *
 * At most two parameters of a machine are fitted, on the first half of the points; everything else is what its profile says.
 * What does not fit is reported as that.
 */
import { costsOf } from '../profile/costs.ts';
import type { Costs } from '../profile/costs.ts';
import { PROFILES } from '../profile/profiles.ts';
import type { Profile } from '../profile/profile.ts';
import { Topology } from '../profile/topology.ts';
import { CHAINS, CHAIN_CORES } from './chains.ts';
import { simulatedSpeedUp } from './chain-locks.ts';
import { nsPerIncrement } from './counters.ts';
import type { CounterKind } from './counters.ts';
import { fitOne } from './fit.ts';
import { judge } from './judge.ts';
import { speedUp } from './markov.ts';
import type { ChainLock } from './markov.ts';
import { ATOMIC_MILAN, ATOMIC_SKX, PER_CPU_MILAN, PER_CPU_SKX } from './published.ts';
import type { PublishedCurve } from './published.ts';
import { READ_SIDE } from './published-locks.ts';
import { validateQueuedLocks } from './queued-locks.ts';
import { validateReadSide } from './read-side.ts';
import { firstHalf, worst } from './validated-curve.ts';
import type { ValidatedCurve } from './validated-curve.ts';

export interface Validation {
  readonly curves: readonly ValidatedCurve[];
}

/** Told what is being done, as a share of all. */
export type Progress = (share: number, doing: string) => void;

/** The simulator must be as close to the chain as this at every point. */
const CHAIN_TOLERANCE = 0.05;
/** Sections simulated for a point: near its collapse a ticket lock takes long to make up its mind. */
const SECTIONS: Readonly<Record<ChainLock, number>> = { ticket: 30_000, mcs: 12_000 };

/** `@percpu/locks` must have been loaded through the coroutine transform. */
export function validate(progress: Progress = () => undefined): Validation {
  const tasks: (readonly [string, () => readonly ValidatedCurve[]])[] = [];
  for (const [kind, curve] of [
    ['atomic', ATOMIC_SKX],
    ['atomic', ATOMIC_MILAN],
    ['perCpu', PER_CPU_SKX],
    ['perCpu', PER_CPU_MILAN],
  ] as const)
    tasks.push([`${curve.name}, ${curve.machine}`, () => [validateCounter(kind, curve)]]);
  for (const curve of READ_SIDE)
    tasks.push([`E: readers, held for ${curve.title}`, () => [validateReadSide(curve)]]);
  tasks.push(['F: queued lock and CNA', validateQueuedLocks]);
  for (const chain of CHAINS) {
    for (const lock of ['ticket', 'mcs'] as const)
      tasks.push([`G: ${lock}`, () => [validateChain(lock, chain)]]);
  }
  const curves = tasks.flatMap(([doing, task], done) => {
    progress(done / tasks.length, doing);
    return task();
  });
  progress(1, 'done');
  return { curves };
}

function validateCounter(kind: CounterKind, curve: PublishedCurve): ValidatedCurve {
  const profile = PROFILES.find(({ name }) => name === curve.machine)!;
  const { costs, fitted } = fitCounter(kind, curve, profile);
  const points = curve.points.map(([cpus, published]) => ({
    cpus,
    published,
    model: nsPerIncrement(kind, new Topology(profile.topology, cpus), costs),
  }));
  const { name, machine, source } = curve;
  return {
    name,
    machine,
    source,
    unit: 'ns',
    fitted,
    points,
    worst: worst(points),
    ...judge(points),
  };
}

/** What one thread alone takes is in the profile already; the first half of the points says what the queue does. */
function fitCounter(
  kind: CounterKind,
  { points }: PublishedCurve,
  profile: Profile,
): { costs: Costs; fitted: ValidatedCurve['fitted'] } {
  const known = costsOf(profile);
  const half = firstHalf(points);
  const error = (costs: Costs): number =>
    half.reduce((sum, [cpus, published]) => {
      const ns = nsPerIncrement(kind, new Topology(profile.topology, cpus), costs);
      return sum + Math.log(ns / published) ** 2;
    }, 0);
  if (kind === 'perCpu') {
    const hit = fitOne(0.1, 10, (value) => error({ ...known, hit: value }));
    return { costs: { ...known, hit }, fitted: { hit } };
  }
  const grip = fitOne(0.01, 1, (value) => error({ ...known, grip: value }));
  return { costs: { ...known, grip }, fitted: { grip } };
}

function validateChain(lock: ChainLock, { s, c, a }: (typeof CHAINS)[number]): ValidatedCurve {
  const points = CHAIN_CORES.map((cores) => ({
    cpus: cores,
    published: speedUp(lock, { cores, a, s, c }),
    model: simulatedSpeedUp(lock, { cores, a, s, c }, 1, SECTIONS[lock]),
  }));
  const verdict = judge(points);
  const off = worst(points);
  return {
    name: `G: ${lock} lock, s=${s} c=${c} a=${a}`,
    machine: 'birth-death chain',
    source: 'Boyd-Wickizer and others, Linux Symposium 2012; solved here',
    unit: 'speed-up',
    fitted: {},
    points,
    worst: off,
    ...verdict,
    pass: off <= CHAIN_TOLERANCE,
  };
}
