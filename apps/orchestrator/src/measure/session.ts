import type { CellRecord, Window } from '@percpu/experiment';
import { guessSeconds, planRounds } from './budget.ts';
import type { Budget, Cost, Effort } from './budget.ts';
import type { Engine } from './engine.ts';
import { append, measureOnce, toFailure } from './once.ts';
import type { Failure, SessionResult, SessionWatch } from './once.ts';
import { pointName, toCell } from './select.ts';
import type { Point } from './select.ts';

export interface SessionOptions {
  readonly engine: Engine;
  readonly points: readonly Point[];
  readonly effort: Effort;
  readonly budget: Budget;
  /** Instead of a time: every CPU does so many calls. */
  readonly calls: number | undefined;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly watch: SessionWatch;
  /** Seconds on a clock that only rises. */
  readonly now: () => number;
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
        const window = windowOf(point, effort, options.calls);
        const cell = toCell(point, window, options.seed + round);
        const record = await measureOnce(options.engine, point, cell, signal);
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
