import type { Exploration } from '@percpu/experiment';
import { bustedSignals } from './busted/signals.ts';
import { bustedTasks } from './busted/tasks.ts';
import { events } from './event.ts';
import { kthreads } from './kthread.ts';
import { scheduling } from './scheduling.ts';
import { signals } from './signal.ts';
import { wakes } from './wake.ts';

/** Tasks: waking and waiting, signals, kthreads, the scheduler. */
export const tasks: readonly Exploration[] = [
  ...wakes,
  ...events,
  ...kthreads,
  ...scheduling,
  ...signals,
  ...bustedTasks,
  ...bustedSignals,
];
