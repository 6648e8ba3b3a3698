import type { Point } from './select.ts';

/** How much work a run may be. */
export interface Budget {
  /** Seconds for the whole run, start and report not counted; undefined is no limit. */
  readonly seconds: number | undefined;
  /** Fixed by the user. */
  readonly measureSeconds: number | undefined;
  readonly repeats: number | undefined;
}

/** Named budgets for `--profile`, in seconds for the whole run. */
export const PROFILES: Readonly<Record<string, number>> = { quick: 25, default: 95, thorough: 600 };

/** Of a run that measures and models, so much of the time is for measuring. */
export const MEASURED_SHARE = 0.68;

/** Beyond the host's cores, up to so many CPUs are modelled where nobody has asked for others. */
export const MODELLED_CPUS: Readonly<Record<string, number>> = {
  quick: 64,
  default: 256,
  thorough: 1024,
};

export interface Effort {
  /** Of every repeat of every point. */
  readonly warmUpSeconds: number;
  readonly measureSeconds: number;
  readonly repeats: number;
}

/** Enough for a bootstrap interval that means something. */
const USUAL_REPEATS = 5;
/** With fewer, no interval and no comparison. */
const LEAST_REPEATS = 3;
const LEAST_SECONDS = 0.05;
const MOST_SECONDS = 0.5;
/** V8 has compiled what is hot well before this. */
const WARM_UP_SECONDS = 0.06;

/**
 * Seconds that starting and ending a machine takes, from source on a 2-core host; only a first
 * guess, replaced by what the first round really took.
 */
function guessBootSeconds(cpus: number): number {
  return 0.09 + 0.025 * cpus;
}

export function guessSeconds(point: Point, effort: Effort): number {
  return guessBootSeconds(point.cpus) + effort.warmUpSeconds + effort.measureSeconds;
}

/** How long every repeat is to last, so that the usual number of them fits into the budget. */
export function planEffort(points: readonly Point[], budget: Budget): Effort {
  const repeats = budget.repeats ?? USUAL_REPEATS;
  const fixed = budget.measureSeconds;
  const wish = fixed ?? timeForEach(points, budget.seconds, repeats);
  return {
    // Long measurements deserve a longer warm-up, very short ones cannot afford the usual one.
    warmUpSeconds: Math.max(WARM_UP_SECONDS, Math.min(0.2, wish / 5)),
    measureSeconds: wish,
    repeats,
  };
}

function timeForEach(
  points: readonly Point[],
  seconds: number | undefined,
  repeats: number,
): number {
  if (seconds === undefined) return MOST_SECONDS;
  const boots = points.reduce((sum, { cpus }) => sum + guessBootSeconds(cpus), 0);
  const each = (seconds / repeats - boots) / points.length - WARM_UP_SECONDS;
  // Whole milliseconds: a command that repeats the run should be readable.
  return Math.round(Math.max(LEAST_SECONDS, Math.min(MOST_SECONDS, each)) * 1000) / 1000;
}

/** What one point has cost so far. */
export interface Cost {
  readonly point: Point;
  readonly roundsDone: number;
  /** Of one repeat. */
  readonly seconds: number;
}

/**
 * How many rounds each point gets in all, given what they cost and what is left of the time.
 *
 * Points with more CPUs than cores are dear (many threads to start) and never enter a fit, so
 * they give way first, then everybody, down to three rounds. If even those do not fit, the rounds
 * go on until the time is used up; what has been measured by then is the result.
 */
export function planRounds(
  costs: readonly Cost[],
  repeats: number,
  secondsLeft: number | undefined,
): ReadonlyMap<Point, number> {
  const rounds = new Map(costs.map(({ point }) => [point, repeats]));
  if (secondsLeft === undefined) return rounds;
  const needed = (): number =>
    costs.reduce(
      (sum, { point, seconds, roundsDone }) =>
        sum + Math.max(0, (rounds.get(point) ?? 0) - roundsDone) * seconds,
      0,
    );
  const least = Math.min(LEAST_REPEATS, repeats);
  for (const mayShrink of [isOversubscribed, isAny]) {
    for (let most = repeats - 1; most >= least && needed() > secondsLeft; most--) {
      for (const { point } of costs) {
        if (mayShrink(point)) rounds.set(point, Math.min(rounds.get(point) ?? 0, most));
      }
    }
  }
  return rounds;
}

function isOversubscribed(point: Point): boolean {
  return point.oversubscribed;
}

function isAny(): boolean {
  return true;
}
