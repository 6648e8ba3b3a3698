import type { Sleeps } from '../sleeps.ts';

/**
 * Lets a task run until it gives the CPU up or ends. The one place where a task's generator is resumed:
 * a controlled clock, under which generators also yield at shared accesses, has to know only this.
 */
export function resumeTask(body: Sleeps<unknown>): IteratorResult<void, unknown> {
  return body.next();
}
