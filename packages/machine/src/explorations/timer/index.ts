import type { Exploration } from '@percpu/experiment';
import { bustedTimers } from './busted/timers.ts';
import { timerExplorations } from './timers.ts';

/** Timers and hrtimers. */
export const timer: readonly Exploration[] = [...timerExplorations, ...bustedTimers];
