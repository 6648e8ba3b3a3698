/** Why a machine ended before its time. */

/** How one CPU's part of a run ended. */
export type CpuOutcome<R> =
  | { readonly status: 'done'; readonly value: R }
  | { readonly status: 'failed'; readonly error: Error }
  /** Stopped in an orderly way because another CPU failed. */
  | { readonly status: 'stopped' }
  /** Never answered and was terminated. */
  | { readonly status: 'lost' };

/** The machine has crashed: what happened, the state of every CPU, and the last lines of dmesg. */
export class MachineCrash<R = unknown> extends Error {
  override readonly name: string = 'MachineCrash';
  /** By CPU number; what each CPU's part of the run came to. */
  readonly cpus: readonly (CpuOutcome<R> | undefined)[];
  /** State of all CPUs, a line each. */
  readonly report: string;
  /** The kernel log, oldest line first. */
  readonly dmesg: readonly string[];

  constructor(
    what: string,
    cpus: readonly (CpuOutcome<R> | undefined)[],
    report: string,
    dmesg: readonly string[],
    cause?: unknown,
  ) {
    const tail = dmesg.slice(-30).join('\n');
    super(`${what}\n${report}\ndmesg:\n${tail}`, cause === undefined ? undefined : { cause });
    this.cpus = cpus;
    this.report = report;
    this.dmesg = dmesg;
  }
}
