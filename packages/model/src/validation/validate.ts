/**
 * The model held against curves that others have measured, and against a queueing model that can be solved exactly.
 *
 * At most two parameters of a machine are fitted, on the first half of the points; everything else is what its profile says.
 * What does not fit is reported as that.
 */
import { costsOf } from '../profile/costs.ts';
import type { Costs } from '../profile/costs.ts';
import type { FigureName } from '../profile/figures.ts';
import { PROFILES } from '../profile/profiles.ts';
import type { Profile } from '../profile/profile.ts';
import { Topology } from '../profile/topology.ts';
import { CHAINS, CHAIN_CORES } from './chains.ts';
import { simulatedSpeedUp } from './chain-locks.ts';
import { nsPerIncrement } from './counters.ts';
import type { CounterKind } from './counters.ts';
import { fitOne } from './fit.ts';
import { judge } from './judge.ts';
import type { CurvePoint, Verdict } from './judge.ts';
import { speedUp } from './markov.ts';
import type { ChainLock } from './markov.ts';
import { ATOMIC_MILAN, ATOMIC_SKX, PER_CPU_MILAN, PER_CPU_SKX } from './published.ts';
import type { PublishedCurve } from './published.ts';

export interface ValidatedCurve extends Verdict {
  readonly name: string;
  readonly machine: string;
  readonly source: string;
  readonly unit: 'ns' | 'speed-up';
  /** Fitted on the first half of the points. */
  readonly fitted: Readonly<Partial<Record<FigureName, number>>>;
  readonly points: readonly CurvePoint[];
  /** Largest error of a point, as a share. */
  readonly worst: number;
}

export interface Validation {
  readonly curves: readonly ValidatedCurve[];
}

/** Told what is being done, as a share of all. */
export type Progress = (share: number, doing: string) => void;

/** The simulator must be as close to the chain as this at every point. */
const CHAIN_TOLERANCE = 0.05;
/** Sections simulated for a point: near its collapse a lock takes long to make up its mind. */
const SECTIONS = 60_000;

export function validate(progress: Progress = () => undefined): Validation {
  const tasks: (readonly [string, () => ValidatedCurve])[] = [];
  for (const [kind, curve] of [
    ['atomic', ATOMIC_SKX],
    ['atomic', ATOMIC_MILAN],
    ['perCpu', PER_CPU_SKX],
    ['perCpu', PER_CPU_MILAN],
  ] as const)
    tasks.push([`${curve.name}, ${curve.machine}`, () => validateCounter(kind, curve)]);
  for (const chain of CHAINS) {
    for (const lock of ['ticket', 'mcs'] as const)
      tasks.push([`G: ${lock}`, () => validateChain(lock, chain)]);
  }
  const curves = tasks.map(([doing, task], done) => {
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

/** One thread alone says what an increment costs; the other points of the first half what the queue does. */
function fitCounter(
  kind: CounterKind,
  { points }: PublishedCurve,
  profile: Profile,
): { costs: Costs; fitted: ValidatedCurve['fitted'] } {
  const known = costsOf(profile);
  const half = points.slice(0, points.length / 2);
  const error = (costs: Costs): number =>
    half.reduce((sum, [cpus, published]) => {
      const ns = nsPerIncrement(kind, new Topology(profile.topology, cpus), costs);
      return sum + Math.log(ns / published) ** 2;
    }, 0);
  if (kind === 'perCpu') {
    const hit = fitOne(0.1, 10, (value) => error({ ...known, hit: value }));
    return { costs: { ...known, hit }, fitted: { hit } };
  }
  const rmw = half[0]![1];
  const many = fitOne(1, 200, (value) => error({ ...known, rmw, pair: value, many: value }));
  return { costs: { ...known, rmw, pair: many, many }, fitted: { rmw, many } };
}

function validateChain(lock: ChainLock, { s, c, a }: (typeof CHAINS)[number]): ValidatedCurve {
  const points = CHAIN_CORES.map((cores) => ({
    cpus: cores,
    published: speedUp(lock, { cores, a, s, c }),
    model: simulatedSpeedUp(lock, { cores, a, s, c }, 1, SECTIONS),
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

function worst(points: readonly CurvePoint[]): number {
  return Math.max(...points.map(({ published, model }) => Math.abs(model / published - 1)));
}
