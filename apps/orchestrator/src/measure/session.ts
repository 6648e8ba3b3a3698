import { recordCell, repeatRate } from '@percpu/experiment';
import type { CellRecord, Window } from '@percpu/experiment';
import { messageOf } from '../cli/errors.ts';
import { guessSeconds, planRounds } from './budget.ts';
import type { Budget, Cost, Effort } from './budget.ts';
import type { Engine } from './engine.ts';
import { pointName, toCell } from './select.ts';
import type { Point } from './select.ts';

/** A point that could not be measured. */
export interface Failure {
  readonly experiment: string;
  readonly package: string;
  readonly variant: string;
  readonly cpus: number;
  readonly message: string;
}

export interface SessionOptions {
  readonly engine: Engine;
  readonly points: readonly Point[];
  readonly effort: Effort;
  readonly budget: Budget;
  /** Instead of a time: every CPU does so many calls. */
  readonly calls: number | undefined;
  readonly seed: number;
  readonly profile: string | undefined;
  readonly signal: AbortSignal;
  readonly watch: SessionWatch;
  /** Seconds on a clock that only rises. */
  readonly now: () => number;
}

/** Told what happens, for progress and messages. */
export interface SessionWatch {
  /** The plan has become this many expected seconds in all. */
  planned(seconds: number): void;
  begins(name: string): void;
  /** One repeat is over; `seconds` is what it was expected to take. */
  done(seconds: number): void;
  failed(failure: Failure): void;
}

export interface SessionResult {
  readonly cells: readonly CellRecord[];
  readonly failures: readonly Failure[];
  /** Not measured at all, for want of time. */
  readonly skipped: readonly Point[];
  /** Aborted before all was measured. */
  readonly interrupted: boolean;
}

/**
 * Measures all points, in rounds: one repeat of each point, then the next repeat. Within a round the
 * variants of one experiment at one CPU count follow each other directly, another one first in each
 * round, so that a change in the host's load meets all of them and none is always the first.
 *
 * A point that fails is reported and left out of the result; the others go on.
 */
export async function runSession(options: SessionOptions): Promise<SessionResult> {
  const { points, effort, budget, signal, watch, now } = options;
  const began = now();
  const progress = new Map<Point, { record: CellRecord | undefined; seconds: number }>();
  for (const point of points) {
    progress.set(point, { record: undefined, seconds: guessSeconds(point, effort) });
  }
  const failures: Failure[] = [];
  let rounds = new Map<Point, number>();

  const replan = (): void => {
    const left = budget.seconds === undefined ? undefined : budget.seconds - (now() - began);
    const costs: Cost[] = [...progress].map(([point, { record, seconds }]) => ({
      point,
      roundsDone: record?.repeats.length ?? 0,
      seconds,
    }));
    rounds = new Map(planRounds(costs, effort.repeats, left));
    const spent = now() - began;
    const ahead = costs.reduce(
      (sum, { point, roundsDone, seconds }) =>
        sum + Math.max(0, (rounds.get(point) ?? 0) - roundsDone) * seconds,
      0,
    );
    watch.planned(spent + ahead);
  };
  const isAborted = (): boolean => signal.aborted;
  const isLate = (): boolean => budget.seconds !== undefined && now() - began >= budget.seconds;

  for (let round = 0; round < effort.repeats && !isAborted(); round++) {
    replan();
    for (const point of inTurn(points, round)) {
      const state = progress.get(point);
      if (state === undefined || round >= (rounds.get(point) ?? 0)) continue;
      if (isAborted()) break;
      // The first round goes on past the end of the time, because a point without any repeat is
      // no result; but not for points that share cores, which take longest and tell least.
      if (isLate() && (round > 0 || point.oversubscribed)) continue;
      const started = now();
      watch.begins(pointName(point));
      try {
        const record = await measureOnce(point, round, options);
        state.record = append(state.record, record);
        state.seconds = now() - started;
      } catch (error) {
        if (isAborted()) break;
        progress.delete(point);
        const failure = toFailure(point, error);
        failures.push(failure);
        watch.failed(failure);
      }
      watch.done(now() - started);
    }
  }
  const cells = [...progress.values()].flatMap(({ record }) => record ?? []);
  const missing = [...progress].filter(([, { record }]) => record === undefined);
  return {
    cells,
    failures,
    skipped: isAborted() ? [] : missing.map(([point]) => point),
    interrupted: isAborted(),
  };
}

/** A busy host may give a CPU no time at all within a short window; another try is usually better. */
const TRIES = 3;

async function measureOnce(
  point: Point,
  round: number,
  { engine, effort, calls, seed, profile, signal }: SessionOptions,
): Promise<CellRecord> {
  const { found, oversubscribed } = point;
  const cell = toCell(point, windowOf(point, effort, calls), seed + round);
  for (let left = TRIES; ; left--) {
    const measured = await engine.measure({ found, cell, signal });
    const record = recordCell(found.entry, cell, measured, {
      package: found.package,
      oversubscribed,
      bootParameters: found.entry.bootParameters(cell.variant, cell.knobs),
      ...(profile === undefined ? {} : { profile }),
    });
    try {
      // Throws when nothing was done in the time: such a repeat has no rate.
      for (const repeat of record.repeats) repeatRate(record, repeat);
      return record;
    } catch (error) {
      if (left === 1) throw error;
    }
  }
}

/** Undefined leaves it to the experiment, which has a fixed number of calls. */
function windowOf(point: Point, effort: Effort, calls: number | undefined): Window | undefined {
  if (calls !== undefined) return { kind: 'work', warmUpCalls: Math.ceil(calls / 10), calls };
  if (point.found.entry.fixedWork !== undefined) return undefined;
  return {
    kind: 'time',
    warmUpNs: Math.round(effort.warmUpSeconds * 1e9),
    measureNs: Math.round(effort.measureSeconds * 1e9),
  };
}

/** The seed of the first repeat stands for all: repeat k has k more. */
function append(before: CellRecord | undefined, next: CellRecord): CellRecord {
  if (before === undefined) return next;
  return { ...before, repeats: [...before.repeats, ...next.repeats] };
}

/**
 * Neighbours with the same experiment and CPU count, rotated by one each round; points that share
 * cores come last, because they are the first to be left out.
 */
function inTurn(points: readonly Point[], round: number): Point[] {
  const groups = new Map<string, Point[]>();
  for (const point of points) {
    const key = `${point.found.package} ${point.found.entry.name} ${point.cpus}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(point);
  }
  const turned = [...groups.values()].flatMap((group) => {
    const first = round % group.length;
    return [...group.slice(first), ...group.slice(0, first)];
  });
  return [
    ...turned.filter(({ oversubscribed }) => !oversubscribed),
    ...turned.filter(({ oversubscribed }) => oversubscribed),
  ];
}

function toFailure(point: Point, error: unknown): Failure {
  const { found, variant, cpus } = point;
  return {
    experiment: found.entry.name,
    package: found.package,
    variant,
    cpus,
    message: messageOf(error),
  };
}
