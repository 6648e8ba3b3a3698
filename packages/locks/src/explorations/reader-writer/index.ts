import type { Exploration } from '@percpu/experiment';
import { bustedRwLocks } from './busted/rwlocks.ts';
import { bustedSeqlocks } from './busted/seqlocks.ts';
import { rwlockExplorations } from './rwlock.ts';
import { seqlockExplorations } from './seqlock.ts';

export const rwlocks: readonly Exploration[] = [...rwlockExplorations, ...bustedRwLocks];
export const seqlocks: readonly Exploration[] = [...seqlockExplorations, ...bustedSeqlocks];
