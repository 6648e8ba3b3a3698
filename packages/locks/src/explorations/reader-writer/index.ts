import type { Exploration } from '@percpu/experiment';
import { bustedRwLocks } from './busted/rwlocks.ts';
import { rwlockExplorations } from './rwlock.ts';

export const rwlocks: readonly Exploration[] = [...rwlockExplorations, ...bustedRwLocks];
