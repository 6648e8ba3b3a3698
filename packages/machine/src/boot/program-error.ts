import type { CpuOutcome } from './crash.ts';

/** A program did not succeed and the machine lives on: it could not be loaded, or failed with `panic_on_oops` off. */
export class ProgramError<R = unknown> extends Error {
  override readonly name: string = 'ProgramError';
  /** What each CPU's part came to, by CPU number; empty when nothing ran. */
  readonly cpus: readonly (CpuOutcome<R> | undefined)[];

  constructor(message: string, cause: unknown, cpus: readonly (CpuOutcome<R> | undefined)[] = []) {
    super(message, { cause });
    this.cpus = cpus;
  }
}
