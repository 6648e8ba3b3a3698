/**
 * What an experiment is: a named workload with variants, for which CPU counts and knob values it
 * is to be run, and the functions that run on the CPUs.
 *
 *   host      every CPU                                     leader (first CPU)
 *   ────      ─────────                                     ──────────────────
 *   boots     │                                             setup      once
 *             │ prepare          ┐
 *             │ ═ start barrier ═│
 *             │ body body body … │ warm-up, then measured   each repeat
 *             │ finish           │
 *             │ ═ end barrier ═  │                          verify
 *             │                  ┘
 *
 * An experiment is immutable, and is looked up by name in the module that exports it: the host
 * sends a worker a module and a name, never a function.
 */

import type { BenchCpu, Ptr, Sleeps } from './bench-cpu.ts';
import type { CpuCounts } from './cpu-counts.ts';
import type { Random } from './random.ts';
import type { HeadlineFigure, Result } from './results.ts';

/** Which clock orders the accesses; `explore` looks for bugs and measures nothing. */
export type Clock = 'parallel' | 'model';

export type KnobValue = number | string | boolean;

/** Allowed values of each knob; the first is the default. Usual names: heldNs, thinkNs, locks. */
export type KnobTable = Readonly<Record<string, readonly KnobValue[]>>;

/** The chosen value of each knob. */
export type KnobValues = Readonly<Record<string, KnobValue>>;

export type BootParameters = Readonly<Record<string, number | string | boolean>>;

/** Columns that a table of this experiment shows. Percentiles need `latency`. */
export type ReportColumn =
  'perSecond' | 'nsPerOp' | 'fairness' | 'p50' | 'p90' | 'p99' | 'p999' | 'max';

/** What `setup`, `prepare`, `body`, `finish` and `verify` are told, apart from the knobs by name. */
export interface BaseContext<V = unknown> {
  readonly variant: V;
  readonly variantName: string;
  /** CPUs that take part. */
  readonly cpus: number;
  /** This CPU among them, 0 … cpus − 1; 0 is the leader. */
  readonly index: number;
  /** Seeded by the run, this CPU and the repeat. */
  readonly random: Random;
  /** How many operations a call of `body` should do that would best do `size`: so many, or 1 where calls cost nothing. */
  readonly batch: (size: number) => number;
}

export interface SetupContext<V = unknown> extends BaseContext<V> {
  /**
   * Zeroed shared memory that lives until the cell has been measured. It starts and ends on a
   * line of its own unless `align` asks for less. Throws when the experiment's `arenaBytes` are used up.
   */
  readonly alloc: (bytes: number, align?: number) => Ptr;
}

export interface BodyContext<V = unknown, L = unknown> extends BaseContext<V> {
  /** What `prepare` returned on this CPU. */
  readonly local: L;
  /** True in the calls whose latency is sampled; only then is `record` listened to. */
  readonly sampling: boolean;
  /** With `latency: 'recorded'`: the time that this call waited, in ns, taken by the body itself. */
  readonly record: (ns: number) => void;
}

export interface VerifyContext<V = unknown, L = unknown> extends BodyContext<V, L> {
  /** Operations of all CPUs since `setup`, warm-up included. */
  readonly performed: number;
}

type Chosen<K extends KnobTable> = { readonly [N in keyof K]: K[N][number] };

/**
 * What an author writes. `C` is the CPU type that the functions want (annotate `cpu: Cpu`), `V` an
 * adapter, `K` the knobs, `L` what `prepare` keeps for this CPU. Every function may be plain or
 * return a task that sleeps (`Sleeps`).
 */
export interface Definition<C extends BenchCpu, V, K extends KnobTable, L> {
  /** kebab-case, unique among all experiments of a package. */
  readonly name: string;
  readonly title: string;
  /** One or two sentences: the question, and what is expected. */
  readonly description: string;
  /** What is counted, in the plural: 'acquisitions'. Default 'operations'. */
  readonly unit?: string;
  /** By kebab-case name; dots are allowed for versions. */
  readonly variants: Readonly<Record<string, V>>;
  /** The variants that are run among all other experiments; the others where this one is asked for by name. Default: all. */
  readonly overview?: readonly string[];
  readonly cpus: { readonly parallel?: CpuCounts; readonly model?: CpuCounts };
  /** The workload makes no sense on fewer CPUs. Default 1. */
  readonly minCpus?: number;
  readonly knobs?: K;
  /**
   * 'all' (default): every CPU's operations count. 'one': only the leader is timed and counted,
   * the others are its partners or targets (an IPI, a wake-up).
   */
  readonly drivers?: 'all' | 'one';
  /** true: sample how long a call of `body` takes. 'recorded': `body` says so itself, through `record`. */
  readonly latency?: boolean | 'recorded';
  /** Each CPU calls `body` so many times, instead of for a fixed time. */
  readonly fixedWork?: number;
  /** Bytes that `setup` may allocate. Default 64 KiB and 4 KiB for each CPU. */
  readonly arenaBytes?: number | ((cpus: number) => number);
  readonly bootParameters?:
    BootParameters | ((variantName: string, knobs: KnobValues) => BootParameters);
  /** Default perSecond, nsPerOp, fairness. */
  readonly report?: readonly ReportColumn[];

  /** Leader only, once: allocates and initialises what is shared; returns its address. */
  setup?(
    cpu: C,
    context: SetupContext<V> & Chosen<K>,
  ): Ptr | undefined | void | Sleeps<Ptr | undefined | void>;
  /** Every CPU, before each repeat's start barrier. What it returns is `context.local`. */
  prepare?(cpu: C, at: Ptr, context: BaseContext<V> & Chosen<K>): L | Sleeps<L>;
  /**
   * The work. Returns how many operations it did (nothing: one). Calls shorter than about 100 ns
   * should do a batch: the loop around them costs a few nanoseconds a call.
   */
  body(
    cpu: C,
    at: Ptr,
    context: BodyContext<V, L> & Chosen<K>,
  ): number | undefined | void | Sleeps<number | undefined | void>;
  /** Every CPU as soon as its own loop has ended, before the end barrier: lets go whoever still waits for it. */
  finish?(cpu: C, at: Ptr, context: BodyContext<V, L> & Chosen<K>): void | Sleeps<void>;
  /** Leader, after the end barrier: throws when what was computed is not right. A benchmark of garbage must fail. */
  verify?(cpu: C, at: Ptr, context: VerifyContext<V, L> & Chosen<K>): void | Sleeps<void>;
  /** What one wants to know at a glance; on the host, from the results of this experiment. */
  headline?(results: readonly Result[]): readonly HeadlineFigure[];
}

/** A checked, frozen definition with its defaults filled in and its type parameters forgotten. */
export interface Experiment {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly variants: Readonly<Record<string, unknown>>;
  readonly overview: readonly string[];
  readonly cpus: { readonly parallel?: CpuCounts; readonly model?: CpuCounts };
  readonly minCpus: number;
  readonly knobs: KnobTable;
  readonly drivers: 'all' | 'one';
  readonly latency: boolean | 'recorded';
  readonly fixedWork: number | undefined;
  readonly arenaBytes: (cpus: number) => number;
  readonly bootParameters: (variantName: string, knobs: KnobValues) => BootParameters;
  readonly report: readonly ReportColumn[];
  readonly setup: ((cpu: BenchCpu, context: SetupContext) => unknown) | undefined;
  readonly prepare: ((cpu: BenchCpu, at: Ptr, context: BaseContext) => unknown) | undefined;
  readonly body: (cpu: BenchCpu, at: Ptr, context: BodyContext) => unknown;
  readonly finish: ((cpu: BenchCpu, at: Ptr, context: BodyContext) => unknown) | undefined;
  readonly verify: ((cpu: BenchCpu, at: Ptr, context: VerifyContext) => unknown) | undefined;
  readonly headline: ((results: readonly Result[]) => readonly HeadlineFigure[]) | undefined;
}
