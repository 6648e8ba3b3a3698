export { offTick, onTick } from './cpu-timers.ts';
export type { TickHandler } from './cpu-timers.ts';
export {
  CLOCK_MONOTONIC,
  HrTimer,
  HRTIMER_MODE_ABS,
  HRTIMER_MODE_REL,
  HRTIMER_NORESTART,
  HRTIMER_RESTART,
} from './hrtimer.ts';
export { hrtimerInit, hrtimerSetFunction, hrtimerSetup, hrtimerStart } from './hrtimer.ts';
export { hrtimerCancel, hrtimerTryToCancel } from './hrtimer.ts';
export { hrtimerActive, hrtimerGetExpires, hrtimerGetRemaining } from './hrtimer.ts';
export { hrtimerIsQueued, hrtimerSetExpires, ktimeGet } from './hrtimer.ts';
export { hrtimerForward, hrtimerForwardNow } from './hrtimer.ts';
export { HRTIMER_RESOLUTION } from './hrtimer-forward.ts';
export { hz, jiffies, jiffiesToMsecs, jiffiesToNsecs, MAX_JIFFY_OFFSET } from './jiffies.ts';
export { msecsToJiffies, nsecsToJiffies, tickNsec } from './jiffies.ts';
export { migrateTimers } from './migrate-timers.ts';
export { addTimer, addTimerOn, delTimer, delTimerSync, modTimer } from './timer.ts';
export { setTimerExpires, timerExpires, TimerList, timerPending, timerSetup } from './timer.ts';
export { TIMER_IRQSAFE, TIMER_PINNED, tryToDelTimerSync } from './timer.ts';
export { KTIME_MAX } from './timer-bases.ts';
export { TIMER_HZ } from './timer-parameters.ts';
export {
  timerqueueAdd,
  timerqueueCount,
  timerqueueDel,
  timerqueueExpires,
  timerqueueFirst,
  TimerqueueHead,
  TimerqueueNode,
} from './timerqueue.ts';
