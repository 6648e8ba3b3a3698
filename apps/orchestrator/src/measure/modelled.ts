import type { CellRecord, Window } from '@percpu/experiment';
import type { Engine } from './engine.ts';
import { append, measureOnce, toFailure } from './once.ts';
import type { Failure, SessionResult, SessionWatch } from './once.ts';
import { pointName, toCell } from './select.ts';
import type { Point } from './select.ts';

export interface ModelSessionOptions {
  readonly engine: Engine;
  readonly points: readonly Point[];
  /** Undefined leaves it to the experiment, which has a fixed number of calls. */
  readonly windowOf: (point: Point) => Window | undefined;
  /** Seconds for all points; undefined is no limit. */
  readonly seconds: number | undefined;
  readonly repeats: number;
  readonly seed: number;
  /** So many points are modelled side by side: virtual time does not mind company. */
  readonly atOnce: number;
  readonly signal: AbortSignal;
  readonly watch: SessionWatch;
  /** Seconds on a clock that only rises. */
  readonly now: () => number;
}

/** The first guess, before any point of a curve is known: host seconds on one core, from source. */
const FIRST_GUESS = 0.4;

/**
 * How much more a point costs with more CPUs. An engine simulates about as many accesses of each
 * point; what grows is the machine to be set up, and it counts from about this many CPUs on.
 */
const CPUS_THAT_COUNT = 80;

function weightOf(cpus: number): number {
  return 1 + cpus / CPUS_THAT_COUNT;
}

/**
 * Models all points, those with few CPUs first. Where the time is limited, every second CPU count comes
 * first, the largest among them: should the time not suffice, the curves are coarser and not shorter. A
 * point that is expected to end too late is not begun.
 *
 * A point that fails is reported and left out of the result; the others go on.
 */
export async function runModelSession(options: ModelSessionOptions): Promise<SessionResult> {
  const { points, signal, watch, now, seconds: limit = Number.POSITIVE_INFINITY } = options;
  const began = now();
  const costs = new Costs();
  const cells = new Map<Point, CellRecord>();
  const failures: Failure[] = [];
  const skipped: Point[] = [];
  const waiting = inTurn(points, Number.isFinite(limit));
  // What runs when the time is over may finish what it is about to finish.
  const late = new AbortController();
  const isAborted = (): boolean => signal.aborted;

  const plan = (): void => {
    const ahead = waiting.reduce((sum, point) => sum + costs.expect(point), 0);
    watch.planned(now() - began + ahead / options.atOnce);
  };
  const takeTurns = async (): Promise<void> => {
    for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
      if (isAborted()) return;
      const started = now();
      if (started - began + costs.expect(point) > limit) {
        skipped.push(point);
        continue;
      }
      watch.begins(pointName(point));
      try {
        cells.set(point, await modelPoint(point, options, AbortSignal.any([signal, late.signal])));
        costs.learn(point, now() - started);
      } catch (error) {
        if (isAborted()) return;
        if (late.signal.aborted) skipped.push(point);
        else {
          const failure = toFailure(point, error);
          failures.push(failure);
          watch.failed(failure);
        }
      }
      watch.done((now() - started) / options.atOnce);
      plan();
    }
  };
  const timer = Number.isFinite(limit)
    ? setTimeout(() => late.abort(), (limit - (now() - began)) * 1000)
    : undefined;
  plan();
  await Promise.all(Array.from({ length: options.atOnce }, takeTurns));
  clearTimeout(timer);
  return {
    cells: points.flatMap((point) => cells.get(point) ?? []),
    failures,
    skipped: isAborted() ? [] : skipped,
    interrupted: isAborted(),
  };
}

function inTurn(points: readonly Point[], coarseFirst: boolean): Point[] {
  const passOf = (point: Point): number => {
    const own = points.filter(({ found }) => found === point.found);
    const counts = [...new Set(own.map(({ cpus }) => cpus))].sort((a, b) => b - a);
    return coarseFirst ? counts.indexOf(point.cpus) % 2 : 0;
  };
  const passes = new Map(points.map((point) => [point, passOf(point)]));
  return points.toSorted((a, b) => (passes.get(a) ?? 0) - (passes.get(b) ?? 0) || a.cpus - b.cpus);
}

async function modelPoint(
  point: Point,
  { engine, windowOf, repeats, seed }: ModelSessionOptions,
  signal: AbortSignal,
): Promise<CellRecord> {
  let record: CellRecord | undefined;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const cell = toCell(point, windowOf(point), seed + repeat);
    record = append(record, await measureOnce(engine, point, cell, signal));
  }
  if (record === undefined) throw new RangeError('a point needs one repeat or more');
  return record;
}

/** What points have cost so far, and what the next of the same curve will. */
class Costs {
  readonly #known = new Map<string, { readonly cpus: number; readonly seconds: number }>();

  learn(point: Point, seconds: number): void {
    this.#known.set(this.#curve(point), { cpus: point.cpus, seconds });
  }

  expect(point: Point): number {
    const known = this.#known.get(this.#curve(point));
    if (known === undefined) return FIRST_GUESS * weightOf(point.cpus);
    return (known.seconds * weightOf(point.cpus)) / weightOf(known.cpus);
  }

  #curve({ found, variant }: Point): string {
    return `${found.package} ${found.entry.name} ${variant}`;
  }
}
