/** The explorations of this package, and busted twins that prove that they can find something. */
import { explorationList } from '@percpu/experiment';
import type { Exploration } from '@percpu/experiment';
import { attemptExplorations } from './attempts.ts';
import { bustedCounters } from './busted/counters.ts';
import { bustedMcsLocks } from './busted/mcs-locks.ts';
import { bustedSleeps } from './busted/sleeps.ts';
import { bustedTasLocks } from './busted/tas-locks.ts';
import { bustedTicketLocks } from './busted/ticket-locks.ts';
import { completionExplorations } from './completion.ts';
import { interruptedExplorations } from './interrupted.ts';
import { lockHookExplorations } from './lock-hooks.ts';
import { lockOrderExplorations } from './lock-order.ts';
import { misuseExplorations } from './misuse.ts';
import { mutexExplorations } from './mutex.ts';
import { percpuCounterExplorations } from './percpu-counter.ts';
import { spinLockExplorations } from './spin-locks.ts';
import { waitQueueExplorations } from './wait-queue.ts';

export const explorations: readonly Exploration[] = explorationList([
  ...spinLockExplorations,
  ...attemptExplorations,
  ...lockOrderExplorations,
  ...interruptedExplorations,
  ...lockHookExplorations,
  ...misuseExplorations,
  ...mutexExplorations,
  ...completionExplorations,
  ...waitQueueExplorations,
  ...percpuCounterExplorations,
  ...bustedTasLocks,
  ...bustedTicketLocks,
  ...bustedMcsLocks,
  ...bustedSleeps,
  ...bustedCounters,
]);
