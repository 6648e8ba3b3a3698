import type { Exploration } from '@percpu/experiment';
import { bustedSleeps } from './busted/sleeps.ts';
import { completionExplorations } from './completion.ts';
import { mutexExplorations } from './mutex.ts';
import { waitQueueExplorations } from './wait-queue.ts';

export const sleeping: readonly Exploration[] = [
  ...mutexExplorations,
  ...completionExplorations,
  ...waitQueueExplorations,
  ...bustedSleeps,
];
