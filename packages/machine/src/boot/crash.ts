/** Why a machine ended before its time. */

/** How one CPU's part of a run ended. */
export type CpuOutcome<R> =
  | { readonly status: 'done'; readonly value: R }
  /** Its code threw, or its thread was lost. */
  | { readonly status: 'failed'; readonly error: Error }
  /** Stopped in an orderly way because the machine died; `at` is its call trace at that moment. */
  | { readonly status: 'stopped'; readonly at: string }
  /** Did not react and was terminated. */
  | { readonly status: 'terminated' };

/** The machine has crashed: what happened, the state of every CPU, and the kernel log. */
export class MachineCrash<R = unknown> extends Error {
  override readonly name: string = 'MachineCrash';
  /** What happened, in one line. */
  readonly reason: string;
  /** What each CPU's part of the run came to, by CPU number; undefined for CPUs that took no part. */
  readonly cpus: readonly (CpuOutcome<R> | undefined)[];
  /** State of all CPUs when it happened, a line each. */
  readonly report: string;
  /** The kernel log, oldest line first. */
  readonly dmesg: readonly string[];

  constructor(story: CrashStory, cpus: readonly (CpuOutcome<R> | undefined)[]) {
    const { reason, report, dmesg, cause } = story;
    const tail = dmesg.slice(-DMESG_TAIL).join('\n');
    const text = `${reason}\n${report}\ndmesg:\n${tail}`;
    super(text, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.cpus = cpus;
    this.report = report;
    this.dmesg = dmesg;
  }
}

/** What there is to tell about a crash, whoever asks. */
export interface CrashStory {
  readonly reason: string;
  readonly report: string;
  readonly dmesg: readonly string[];
  readonly cause: unknown;
}

/** Lines of the kernel log in the message of a crash. */
const DMESG_TAIL = 40;
