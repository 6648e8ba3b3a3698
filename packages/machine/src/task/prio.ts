/**
 * Priorities of tasks as numbers. Smaller goes first, as in Linux' `p->prio`; one more than there, since 0 is the stopper.
 *
 *   0           stop
 *   1 … 99      realtime: 100 − rtPriority, which is 99 … 1, 50 if not said (as after Linux' sched_set_fifo())
 *   120         normal
 */
import { TaskClass } from './task-layout.ts';
import type { TaskClassCode } from './task-layout.ts';

/** The stopper's. */
export const STOP_PRIO = 0;
/** Linux: MAX_RT_PRIO. Those below are real-time. */
export const MAX_RT_PRIO = 100;
/** Linux: DEFAULT_PRIO. Of all normal tasks; in `inheritedPrio`: nothing is inherited. */
export const DEFAULT_PRIO = 120;
/** Linux: MAX_PRIO. All are better than this. */
export const MAX_PRIO = 128;

/** Linux: sched_set_fifo(): in the middle of the range. */
const DEFAULT_RT_PRIORITY = 50;

/** Linux: normal_prio(). `rtPriority`: 1 (least) to 99, for real-time tasks only. RangeError otherwise. */
export function normalPrio(level: TaskClassCode, rtPriority?: number): number {
  if (rtPriority !== undefined) checkRtPriority(level, rtPriority);
  if (level === TaskClass.stop) return STOP_PRIO;
  if (level === TaskClass.normal) return DEFAULT_PRIO;
  return MAX_RT_PRIO - (rtPriority ?? DEFAULT_RT_PRIORITY);
}

function checkRtPriority(level: TaskClassCode, rtPriority: number): void {
  if (level !== TaskClass.realtime)
    throw new RangeError(`rtPriority ${rtPriority}: only a task of class realtime has one`);
  if (!Number.isInteger(rtPriority) || rtPriority < 1 || rtPriority >= MAX_RT_PRIO)
    throw new RangeError(
      `rtPriority ${rtPriority}: accepted are whole numbers from 1 to ${MAX_RT_PRIO - 1}`,
    );
}
