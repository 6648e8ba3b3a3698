/**
 * What a run of the command may end with. The codes are part of the interface: scripts and CI
 * jobs branch on them.
 */
export const ExitCode = {
  /** All was as expected. */
  expected: 0,
  /** Something was not as expected: a check failed, a machine crashed, a run got slower. */
  unexpected: 1,
  /** The command line, or a file or folder named on it, cannot be used. Nothing was measured. */
  usage: 2,
  /** Ctrl-C. What had been measured until then was kept. 128 + SIGINT. */
  interrupted: 130,
  /** Asked to stop by another process. 128 + SIGTERM. */
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The user can mend this: exit code 2, the message without a stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Something went wrong that has a clear sentence of its own: exit code 1, no stack trace. */
export class RunError extends Error {
  override readonly name = 'RunError';
}

/** The message of anything that can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
