import type { Sleeps } from './sleeps.ts';
import { isSleeps } from './sleeps.ts';

/** A program as a task: `main` may be plain, or return a task that sleeps. The launchers' way to start what a user wrote. */
export function* programTask<Args extends readonly unknown[]>(
  main: (...args: Args) => unknown,
  ...args: Args
): Sleeps<unknown> {
  const result = main(...args);
  return isSleeps(result) ? yield* result : result;
}
