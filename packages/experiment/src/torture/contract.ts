/**
 * What a torture is: rounds of use of one mechanism, by all CPUs at once, on real threads and with every access
 * checked, for as long as one likes; and what must hold all the while. Linux: locktorture, rcutorture.
 *
 *   leader     setup → ┐                                          ┌→ verify
 *   every CPU          └→ ═ round round round … until time is up ═┘
 *   meanwhile             interrupts from other CPUs, at random
 *
 * Where an exploration tries all interleavings of a few accesses, a torture tries a few of very many: what only
 * shows after hours, on a busy host, with a queue full or a counter wrapped.
 */
import type { BenchCpu, Ptr, Sleeps } from '../bench-cpu.ts';
import type { BootParameters } from '../contract.ts';
import type { Random } from '../random.ts';

/** What a round is told. */
export interface TortureContext {
  /** CPUs that take part. */
  readonly cpus: number;
  /** This CPU among them; 0 is the leader. */
  readonly index: number;
  /** Tasks on each CPU, and which of them this is. */
  readonly tasks: number;
  readonly task: number;
  /** Of this task, seeded by the run. */
  readonly random: Random;
}

export interface TortureSetup {
  readonly cpus: number;
  readonly tasks: number;
  readonly random: Random;
  /** Zeroed shared memory, on lines of its own unless `align` asks for less. Throws when `arenaBytes` are used up. */
  readonly alloc: (bytes: number, align?: number) => Ptr;
}

/** At the end. */
export interface TortureTotals {
  readonly cpus: number;
  /** Of all tasks. */
  readonly rounds: number;
}

/** What an author writes. `C` is the CPU type of its functions. What they throw is a failure of the mechanism. */
export interface TortureDefinition<C extends BenchCpu = BenchCpu> {
  /** kebab-case, unique in its package. */
  readonly name: string;
  readonly title: string;
  /** One or two sentences: what must hold. */
  readonly description: string;
  /** Least number of CPUs that makes sense. Default 2. */
  readonly minCpus?: number;
  /** Tasks on each CPU that do rounds at the same time. Default 1. */
  readonly tasks?: number;
  readonly parameters?: BootParameters;
  /** Default 64 KiB. */
  readonly arenaBytes?: number;
  /** Leader, once. Returns the address that the others are given. */
  setup(cpu: C, context: TortureSetup): Ptr | Sleeps<Ptr>;
  /** One use of the mechanism. Leaves nothing behind that would hinder the next. */
  round(cpu: C, at: Ptr, context: TortureContext): void | Sleeps<void>;
  /** In a hard interrupt that another CPU has sent. */
  interrupt?(cpu: C, at: Ptr): void;
  /** Leader, when all have ended. */
  verify?(cpu: C, at: Ptr, totals: TortureTotals): void | Sleeps<void>;
  /** A busted twin: the torture is right when it fails with such a message, and wrong when it does not. */
  readonly mustFail?: RegExp;
}

/** A checked, frozen definition with its defaults, its type parameter forgotten. */
export interface Torture {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly minCpus: number;
  readonly tasks: number;
  readonly parameters: BootParameters;
  readonly arenaBytes: number;
  readonly setup: (cpu: BenchCpu, context: TortureSetup) => Ptr | Sleeps<Ptr>;
  readonly round: (cpu: BenchCpu, at: Ptr, context: TortureContext) => void | Sleeps<void>;
  readonly interrupt: ((cpu: BenchCpu, at: Ptr) => void) | undefined;
  readonly verify:
    ((cpu: BenchCpu, at: Ptr, totals: TortureTotals) => void | Sleeps<void>) | undefined;
  readonly mustFail: RegExp | undefined;
}

/** What `percpu torture --json` prints for each. */
export interface TortureResult {
  readonly name: string;
  readonly package: string;
  readonly cpus: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly interrupts: number;
  /** A busted twin: must fail. */
  readonly busted: boolean;
  /** It ended as it should. */
  readonly ok: boolean;
  /** What went wrong: of a busted twin what had to. */
  readonly message?: string;
}
