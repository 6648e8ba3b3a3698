import type { Exploration } from '@percpu/experiment';
import { attemptExplorations } from './attempts.ts';
import { bustedMcsLocks } from './busted/mcs-locks.ts';
import { bustedTasLocks } from './busted/tas-locks.ts';
import { bustedTicketLocks } from './busted/ticket-locks.ts';
import { interruptedExplorations } from './interrupted.ts';
import { lockHookExplorations } from './lock-hooks.ts';
import { lockOrderExplorations } from './lock-order.ts';
import { misuseExplorations } from './misuse.ts';
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
];
