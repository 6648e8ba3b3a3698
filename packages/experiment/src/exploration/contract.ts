/**
 * What an exploration is: a few short programs, one per CPU, over shared memory, with what must hold
 * whatever their accesses interleave. The explorer of `@percpu/explore` runs it again and again, each
 * time from the same memory and under another schedule.
 *
 *   every run   memory as after boot → setup (plain) → programs, interleaved → after (plain) → verdict
 *
 * A definition is immutable and is looked up by name in the module that exports it, so that a command
 * line can hand it to a worker. Nothing here runs anything.
 */

import type { BenchMemory, Ptr, Sleeps } from '../bench-cpu.ts';
import type { BootParameters } from '../contract.ts';
import type { FindingKind } from './finding.ts';
import type { SequentialSpec } from '../sequential/spec.ts';

/** What `describe` names: the part of the layouts of `@percpu/memory` that tells a field from another. */
export interface DescribedLayout {
  readonly layoutName: string;
  readonly size: number;
  readonly align: number;
  readonly fields: readonly {
    readonly name: string;
    readonly offset: number;
    readonly size: number;
  }[];
}

/** What a program on bare memory needs of the seam. Annotate `Program<undefined, Memory>` for all of it. */
export interface ExplorationMemory extends BenchMemory {
  exchange(at: Ptr, value: number): number;
  compareExchange(at: Ptr, expected: number, replacement: number): number;
  fetchAnd(at: Ptr, mask: number): number;
  fetchOr(at: Ptr, mask: number): number;
  fetchXor(at: Ptr, mask: number): number;
  wait(at: Ptr, expected: number, timeoutNs?: number): 'ok' | 'not-equal' | 'timed-out';
  notify(at: Ptr, count?: number): number;
  now(): number;
  pause(): void;
  describe(at: Ptr, layout: DescribedLayout, name?: string): void;
}

/** The memory of a CPU of type `C`. */
export type MemoryOf<C> = C extends { readonly memory: infer M } ? M : ExplorationMemory;

/** What a program saw: the values of `see`, by name. */
export type Outcome = Readonly<Record<string, number | string | boolean>>;

/** What a program of an exploration is handed. `C` is the CPU's type; undefined on bare memory. */
export interface Program<C = unknown, M = MemoryOf<C>> {
  /** The CPU that it runs on, 0 … cpus − 1. */
  readonly id: number;
  readonly memory: M;
  readonly cpu: C;
  /** Records a value of the run's outcome. Each name once a run. */
  see(name: string, value: number | string | boolean): void;
  /** One of 0 … alternatives − 1: the explorer tries them all. */
  choose(alternatives: number): number;
  /**
   * Runs `run` as one operation of the object under test and records when it began, when it ended and what it
   * returned, for the check against `sequential`.
   */
  call<T>(operation: string, args: readonly unknown[], run: () => T): T;
}

/** What `setup` and `after` see. Plain code: nothing is interleaved here. */
export interface World<C = unknown, M = MemoryOf<C>> {
  readonly memory: M;
  /** Empty on bare memory. */
  readonly cpus: readonly C[];
  /** Zeroed memory for this run, on a line of its own unless `align` asks for less. */
  readonly alloc: (bytes: number, align?: number) => Ptr;
  /** What the programs saw; complete in `after`. */
  readonly seen: Outcome;
  /** In `after`: adds to the outcome, what is left in memory for instance. Each name once a run. */
  readonly see: (name: string, value: number | string | boolean) => void;
}

/**
 * memory    programs get bare memory: litmus tests, and code that takes a `Memory`
 * cpu       bare CPUs of a machine: code that takes a `Cpu` and needs no interrupts or tasks
 * machine   full CPUs with their main loops: programs are tasks, interrupts arrive
 */
export type ExplorationGround = 'memory' | 'cpu' | 'machine';

export interface ExplorationLimits {
  /** Accesses of one run, of all CPUs; more is a finding. Default 10,000. */
  readonly steps?: number;
  /** Runs of an exhaustive search after which it gives up, and says so. Default 1,000,000. */
  readonly schedules?: number;
  /** Context switches away from a CPU that could have gone on, in one run. Default: any number. */
  readonly preemptions?: number;
}

/** Choices of the explorer beside which CPU goes next. Numbers: at most so many in one run; true is 1. */
export interface ExplorationChoices {
  /** A pending interrupt may arrive in front of any access. Default: on a `machine`, yes. */
  readonly interrupts?: boolean;
  /** A wait with a timeout may time out at any time; else only when nothing else can happen. */
  readonly timeouts?: boolean;
  /** Sleepers may wake for no reason. */
  readonly spurious?: boolean | number;
  /** A CPU may stop for ever, in front of any access. */
  readonly deaths?: boolean | number;
  /** Allocations that ask `choose` may fail. */
  readonly allocationFailures?: boolean | number;
}

type ProgramCode<S, C, M> = (p: Program<C, M>, state: S) => void | Sleeps<void>;

/**
 * What an author writes. `C` is the CPU's type (annotate `World<Cpu>` and `Program<Cpu>`), `M` that of the
 * memory, `S` what `setup` returns and the programs share.
 */
export interface ExplorationDefinition<
  S = undefined,
  C = unknown,
  M = MemoryOf<C>,
> extends ExplorationChoices {
  /** kebab-case, unique in its package. */
  readonly name: string;
  readonly title: string;
  /** One or two sentences: what must hold, and what would break it. */
  readonly description: string;
  readonly on: ExplorationGround;
  /** CPUs of the machine. Default: one for each program. */
  readonly cpus?: number;
  /** Bytes of memory. Default: what the explorer finds enough for the CPUs. */
  readonly bytes?: number;
  readonly parameters?: BootParameters;
  /** Boot parameters that packages above the machine declare. */
  readonly declares?: readonly object[];
  /** At the start of every run. Must do the same every time. */
  setup?(world: World<C, M>): S;
  /** One for each CPU, from CPU 0. */
  readonly programs?: readonly ProgramCode<S, C, M>[];
  /** Instead of `programs`: the same on each of `cpus` CPUs. */
  readonly program?: ProgramCode<S, C, M>;
  /** After all programs have ended. What it throws is the finding `assertion`. */
  after?(world: World<C, M>, state: S): void;
  /** The outcomes there are. Another one is a finding; so is one that an exhausted search never saw. */
  readonly allowed?: readonly Outcome[] | undefined;
  /** What the object does when nothing overlaps: the histories of `call` are held against it. */
  readonly sequential?: SequentialSpec | undefined;
  /** A busted twin: the exploration is right when this is found, and wrong when it is not. */
  readonly mustFind?: MustFind | undefined;
  readonly limits?: ExplorationLimits | undefined;
}

export interface MustFind {
  readonly kind: FindingKind;
  readonly message?: RegExp;
}

/** A checked, frozen definition with its defaults filled in and its type parameters forgotten. */
export interface Exploration {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly on: ExplorationGround;
  readonly cpus: number;
  readonly bytes: number | undefined;
  readonly parameters: BootParameters;
  readonly declares: readonly object[];
  readonly setup: ((world: World) => unknown) | undefined;
  /** No more than `cpus`; the CPUs beyond run nothing. */
  readonly programs: readonly ((p: Program, state: unknown) => unknown)[];
  readonly after: ((world: World, state: unknown) => void) | undefined;
  readonly allowed: readonly Outcome[] | undefined;
  readonly sequential: SequentialSpec | undefined;
  readonly interrupts: boolean;
  readonly timeouts: boolean;
  readonly spurious: number;
  readonly deaths: number;
  readonly allocationFailures: number;
  readonly mustFind: MustFind | undefined;
  readonly limits: {
    readonly steps: number;
    readonly schedules: number;
    readonly preemptions: number;
  };
}
