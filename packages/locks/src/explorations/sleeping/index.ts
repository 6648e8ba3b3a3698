import type { Exploration } from '@percpu/experiment';
import { bustedLeavers } from './busted/leavers.ts';
import { bustedMutexes } from './busted/mutexes.ts';
import { bustedSpinners } from './busted/osq.ts';
import { bustedSleeps } from './busted/sleeps.ts';
import { completionExplorations } from './completion.ts';
import { mutexSignalExplorations } from './mutex-signal.ts';
import { mutexSpinExplorations } from './mutex-spin.ts';
import { mutexExplorations } from './mutex.ts';
import { semaphoreExplorations } from './semaphore.ts';
import { waitQueueExplorations } from './wait-queue.ts';
import { waitSignalExplorations } from './wait-signal.ts';

/** The mutex. */
export const mutexes: readonly Exploration[] = [
  ...mutexExplorations,
  ...mutexSignalExplorations,
  ...mutexSpinExplorations,
  ...bustedMutexes,
  ...bustedSpinners,
];

/** Completions, wait queues and semaphores. */
export const waits: readonly Exploration[] = [
  ...completionExplorations,
  ...waitQueueExplorations,
  ...waitSignalExplorations,
  ...semaphoreExplorations,
  ...bustedSleeps,
  ...bustedLeavers,
];

export const sleeping: readonly Exploration[] = [...mutexes, ...waits];
