import type { Exploration } from '@percpu/experiment';
import { attemptExplorations } from './attempts.ts';
import { bitLockExplorations } from './bit-locks.ts';
import { bustedClhLocks } from './busted/clh-locks.ts';
import { bustedCnaLocks } from './busted/cna-locks.ts';
import { bustedMcsLocks } from './busted/mcs-locks.ts';
import { bustedQueuedLocks } from './busted/queued-locks.ts';
import { bustedTasLocks } from './busted/tas-locks.ts';
import { bustedTicketLocks } from './busted/ticket-locks.ts';
import { interruptedExplorations } from './interrupted.ts';
import { localLockExplorations } from './local-locks.ts';
import { lockHookExplorations } from './lock-hooks.ts';
import { lockOrderExplorations } from './lock-order.ts';
import { misuseExplorations } from './misuse.ts';
import { queuedContextExplorations } from './queued-contexts.ts';
import { queuedLockExplorations } from './queued-locks.ts';
import { spinLockExplorations } from './spin-locks.ts';

export const spin: readonly Exploration[] = [
  ...spinLockExplorations,
  ...attemptExplorations,
  ...lockOrderExplorations,
  ...interruptedExplorations,
  ...lockHookExplorations,
  ...misuseExplorations,
  ...bustedTasLocks,
  ...bustedTicketLocks,
  ...bustedMcsLocks,
  ...queuedLockExplorations,
  ...queuedContextExplorations,
  ...bitLockExplorations,
  ...localLockExplorations,
  ...bustedClhLocks,
  ...bustedQueuedLocks,
  ...bustedCnaLocks,
];
