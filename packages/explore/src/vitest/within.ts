/**
 * A limit on plain code. The code under test can be stopped where it touches shared memory; where it
 * computes on and on without doing so, only the host can end it. `node:vm` does that: V8 gives up whatever
 * runs, however deep, and the error arrives at the caller.
 */
import { runInNewContext } from 'node:vm';

/** Runs `run`, and throws what `late` makes if it is still running after `ms`. */
export function within<T>(ms: number, run: () => T, late: () => Error): T {
  try {
    return runInNewContext('run()', { run }, { timeout: ms }) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw late();
    throw error;
  }
}
