import type { Cell, Clock, Experiment, Measured, Window } from '@percpu/experiment';
import { messageOf, UsageError } from '../cli/errors.ts';
import type { Discovered } from '../discovery/catalogue.ts';
import { importProvided } from '../discovery/provided.ts';
import type { Search } from '../discovery/provided.ts';

/** One repeat of one point. */
export interface Order {
  readonly found: Discovered<Experiment>;
  readonly cell: Cell;
  readonly signal: AbortSignal;
}

/** Whatever can carry out a measurement under its clock. */
export interface Engine {
  /** Rejects when the experiment fails; rejects soon after `signal` was aborted. */
  measure(order: Order): Promise<Measured>;
}

export interface EngineOptions {
  /** Under the model clock: the machine to be modelled, as given with `--profile`: a name or a file. */
  readonly profile: string | undefined;
  /** What a relative file name is relative to. */
  readonly cwd: string;
}

/** A machine as a model knows it. */
export interface ModelledMachine {
  readonly name: string;
  /** In words: `Intel Xeon Platinum 8176, 8 sockets`. */
  readonly title?: string;
  /** Where its figures come from. */
  readonly source: string;
  /** CPU counts after which the next CPU is further away; a fit may bend there. */
  readonly boundaries?: readonly number[];
}

/** What takes long says how far it is: a share, 0 … 1, and what is being done. */
export type Report = (share: number, doing: string) => void;

export interface TaskOptions {
  readonly signal: AbortSignal;
  readonly cwd: string;
  readonly progress: Report;
}

/** One published curve beside that of the model. Other fields are the model's own. */
export interface ValidatedCurve {
  readonly name: string;
  readonly machine: string;
  readonly points: readonly {
    readonly cpus: number;
    readonly published: number;
    readonly model: number;
  }[];
  /** Every step of more than 10 % goes the same way. */
  readonly signs: boolean;
  /** The knee is within one listed point. */
  readonly knee: boolean;
  /** The last point of the model by that of the publication. */
  readonly endRatio: number;
  readonly pass: boolean;
}

/** What a package with an engine exports from its entry `./engine`, under the name `engine`. */
export interface EngineProvider {
  readonly clock: Clock;
  /** Machines that can be named with `--profile`, the default first. */
  readonly profiles?: readonly ModelledMachine[];
  /** @throws an Error whose message says what is wrong with the profile. */
  open(options: EngineOptions): Engine | Promise<Engine>;
  /** How long to measure on so many CPUs, where nobody has said it. */
  window?(cpus: number): Window;
  /** The machine that `open` with the same options models. */
  describe?(options: EngineOptions): ModelledMachine | Promise<ModelledMachine>;
  /** Measures this host; returns a profile as plain data. */
  calibrate?(options: TaskOptions): Promise<unknown>;
  /** Holds the model against published curves. */
  validate?(options: TaskOptions): Promise<{ readonly curves: readonly ValidatedCurve[] }>;
}

export interface OpenEngine {
  readonly engine: Engine;
  readonly window?: (cpus: number) => Window;
  /** Undefined under the parallel clock. */
  readonly machine?: ModelledMachine;
}

export interface FoundProvider {
  readonly provider: EngineProvider;
  readonly package: string;
  readonly version: string;
}

/**
 * What installed packages bring for a clock; undefined when none does. `parallel` is built in and
 * has no provider. A package of the user's own goes before one of percpu's.
 *
 * @throws UsageError when a package with an engine cannot be imported.
 */
export async function findProvider(
  clock: Clock,
  search: Search,
): Promise<FoundProvider | undefined> {
  for await (const { value, package: from, version, url } of importProvided('engine', search)) {
    const provider = value as Partial<EngineProvider> | undefined;
    if (typeof provider?.clock !== 'string' || typeof provider.open !== 'function') {
      throw new UsageError(
        `the engine of ${from} (${url}) must export "engine" with clock and open`,
      );
    }
    if (provider.clock === clock) {
      return { provider: provider as EngineProvider, package: from, version };
    }
  }
  return undefined;
}

/**
 * The engine for a clock. Installing a package with one is all it takes.
 *
 * @throws UsageError when no installed package has one, or when it does not take the profile.
 */
export async function openEngine(
  clock: Clock,
  options: EngineOptions,
  search: Search,
): Promise<OpenEngine> {
  // Not imported before it is needed: reports and comparisons start no machine.
  if (clock === 'parallel') {
    return { engine: (await import('./parallel.ts')).parallelEngine() };
  }
  const found = await findProvider(clock, search);
  if (found === undefined) {
    throw new UsageError(
      `--clock ${clock}: no ${clock} is installed: no package here brings an engine for that clock; there is: parallel`,
    );
  }
  const { provider } = found;
  try {
    const machine = await provider.describe?.(options);
    return {
      engine: await provider.open(options),
      ...(provider.window === undefined ? {} : { window: (cpus) => provider.window!(cpus) }),
      machine: machine ?? { name: options.profile ?? clock, source: 'unknown' },
    };
  } catch (error) {
    throw new UsageError(`--profile: ${messageOf(error)}`);
  }
}
