/** Run after run, until something is found, everything is covered, or the budget is used up. */
import { outcomeText } from '@percpu/experiment';
import type { Exploration } from '@percpu/experiment';
import type { RunObserver } from '../engine/observer.ts';
import type { Finding, RunOutcome } from '../engine/outcome.ts';
import { Runner } from '../engine/runner.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import { watchFor } from '../findings/index.ts';
import { FixedSchedule } from '../replay/fixed-schedule.ts';
import { writeReplay } from '../replay/replay-text.ts';
import { shrink, writeRun } from '../replay/shrink.ts';
import { NondeterminismError } from '../strategies/nondeterminism-error.ts';
import { checkNumber } from '../strategies/check-number.ts';
import { makeScheduler } from '../strategies/strategies.ts';
import type { StrategyName, StrategyOptions } from '../strategies/strategies.ts';
import { nondeterminism, RunCheck } from './run-check.ts';
import { isWanted } from './verdict.ts';

/** Runs of a strategy that draws, where nobody says how many. */
const DEFAULT_DRAWS = 1000;
/** The first run is made twice, and every so many-th after it. */
const CHECK_EVERY = 1024;
/** Runs between two questions whether to go on. */
const ASK_EVERY = 16;
/** Findings of one search. */
const MAX_FAILURES = 8;

export interface SearchOptions extends StrategyOptions {
  /** Default `exhaustive`. */
  readonly strategy?: StrategyName;
  /** Runs at most, 1 or more. Default: `limits.schedules` for an exhaustive search, 1000 for one that draws. */
  readonly schedules?: number;
  /** Goes on after a finding, to others. Default: only to the one that the exploration must have (`mustFind`). */
  readonly keepGoing?: boolean;
  /** Asked now and then, with the runs made so far: false ends the search. */
  readonly goOn?: (schedules: number) => boolean;
  /** Further observers. */
  readonly observers?: readonly RunObserver[];
}

export interface SearchFailure {
  readonly finding: Finding;
  /** One line that runs it again, with as few context switches as were found. Empty if no single run shows it. */
  readonly replay: string;
  /** The run that it came up in, from 1. */
  readonly schedule: number;
}

export interface SearchResult {
  readonly name: string;
  readonly strategy: StrategyName;
  /** Runs made to their end. */
  readonly schedules: number;
  /** Runs that were given up because an equivalent one had been made. */
  readonly redundant: number;
  /** Every schedule that can differ was run. Never true of a search that draws, was stopped, or had to cut a run. */
  readonly exhausted: boolean;
  readonly accesses: number;
  readonly seconds: number;
  readonly failures: readonly SearchFailure[];
  /** What the programs saw: each outcome as text, with the number of runs. */
  readonly outcomes: ReadonlyMap<string, number>;
}

/**
 * @throws Error if the programs touch no memory that is under control, or `setup` throws
 * @throws RangeError if `schedules` or an option of the strategy is no whole number, or too small
 */
export function search(exploration: Exploration, options: SearchOptions = {}): SearchResult {
  return new Search(exploration, options).run();
}

class Search {
  private readonly exploration: Exploration;
  private readonly strategy: StrategyName;
  private readonly most: number;
  private readonly keepGoing: boolean;
  private readonly goOn: SearchOptions['goOn'];
  private readonly scheduler: Scheduler & { readonly redundant?: number };
  private readonly watch: ReturnType<typeof watchFor>;
  private readonly check: RunCheck = new RunCheck();
  private readonly runner: Runner;
  private readonly failures: SearchFailure[] = [];
  private readonly known: Set<string> = new Set<string>();
  private readonly outcomes: Map<string, number> = new Map<string, number>();
  private schedules = 0;
  private accesses = 0;

  constructor(exploration: Exploration, options: SearchOptions) {
    const { strategy = 'exhaustive', schedules, keepGoing = false, observers = [] } = options;
    const { limits } = exploration;
    checkNumber('schedules', schedules, 1);
    this.exploration = exploration;
    this.strategy = strategy;
    this.most = schedules ?? (strategy === 'exhaustive' ? limits.schedules : DEFAULT_DRAWS);
    this.keepGoing = keepGoing;
    this.goOn = options.goOn;
    this.scheduler = makeScheduler(strategy, { preemptions: limits.preemptions, ...options });
    this.watch = watchFor(exploration);
    this.runner = new Runner(exploration, [...this.watch.observers, ...observers, this.check]);
  }

  run(): SearchResult {
    const { scheduler, exploration } = this;
    const start = performance.now();
    // Begun before the budget is looked at: the last run that it pays for may be the last there is.
    while (scheduler.begin() && this.schedules < this.most && this.goesOn()) {
      if (!this.runOnce() && this.isOver()) break;
    }
    const exhausted = scheduler.exhausted ?? false;
    const missing = exhausted ? this.watch.exhausted() : undefined;
    if (missing !== undefined)
      this.failures.push({ finding: missing, replay: '', schedule: this.schedules });
    return {
      name: exploration.name,
      strategy: this.strategy,
      schedules: this.schedules,
      redundant: scheduler.redundant ?? 0,
      exhausted,
      accesses: this.accesses,
      seconds: (performance.now() - start) / 1000,
      failures: this.failures,
      outcomes: this.outcomes,
    };
  }

  /** False: something was found. */
  private runOnce(): boolean {
    const { check, runner, scheduler } = this;
    check.on = this.schedules % CHECK_EVERY === 0;
    let outcome: RunOutcome;
    try {
      outcome = runner.run(scheduler);
    } catch (error) {
      if (!(error instanceof NondeterminismError)) throw error;
      return this.failed(nondeterminism(error.message), '');
    }
    this.accesses += outcome.accesses;
    if (outcome.end === 'abandoned') return true;
    this.schedules++;
    if (this.schedules === 1 && outcome.accesses === 0 && outcome.finding === undefined)
      throw this.notAlive();
    if (outcome.end === 'completed') this.count(outcomeText(outcome.seen));
    const choices = [...outcome.choices];
    const differs = check.on ? check.repeat(runner, choices) : undefined;
    if (differs !== undefined) return this.failed(differs, '');
    if (outcome.finding === undefined) return true;
    return this.found(outcome.finding, choices);
  }

  /** Something was found: is that all? */
  private isOver(): boolean {
    const { mustFind } = this.exploration;
    if (this.failures.length >= MAX_FAILURES) return true;
    if (this.keepGoing) return false;
    if (mustFind === undefined) return true;
    return this.failures.some(
      ({ finding }) => isWanted(finding, mustFind) || finding.kind === 'nondeterminism',
    );
  }

  private goesOn(): boolean {
    const { schedules } = this;
    return this.goOn === undefined || schedules % ASK_EVERY !== 0 || this.goOn(schedules);
  }

  private found(finding: Finding, choices: RunOutcome['choices']): boolean {
    if (this.known.has(keyOf(finding))) return false;
    // Apart from the search, whose observers count every run.
    const runner = new Runner(this.exploration, watchFor(this.exploration).observers);
    const { segments } = writeRun(runner, new FixedSchedule(choices));
    const shortest = shrink(runner, segments, finding);
    return this.failed(finding, writeReplay(this.exploration.name, shortest));
  }

  private failed(finding: Finding, replay: string): boolean {
    const { failures, known } = this;
    // Two that shrink to the same run are one.
    const told = replay !== '' && failures.some((failure) => failure.replay === replay);
    if (!told && !known.has(keyOf(finding))) {
      failures.push({ finding, replay, schedule: this.schedules });
    }
    known.add(keyOf(finding));
    return false;
  }

  private count(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  private notAlive(): Error {
    return new Error(
      `exploration ${this.exploration.name}: its programs touched no shared memory, so there was nothing to interleave. ` +
        'Accepted are programs that use p.memory or p.cpu, in a file that goes through the transform of @percpu/coroutine, ' +
        'or Atomics and typed arrays, in a file that its option atomics names',
    );
  }
}

function keyOf({ kind, message }: Finding): string {
  return `${kind} ${message}`;
}
