import type { Exploration } from '@percpu/experiment';
import { bustedRwLocks } from './busted/rwlocks.ts';
import { bustedRwsems } from './busted/rwsems.ts';
import { bustedSeqlocks } from './busted/seqlocks.ts';
import { percpuRwsemExplorations } from './percpu-rwsem.ts';
import { rwlockExplorations } from './rwlock.ts';
import { latchExplorations } from './seqcount-latch.ts';
import { rwsemExplorations } from './rwsem.ts';
import { seqlockExplorations } from './seqlock.ts';

export const rwlocks: readonly Exploration[] = [...rwlockExplorations, ...bustedRwLocks];
export const seqlocks: readonly Exploration[] = [
  ...seqlockExplorations,
  ...latchExplorations,
  ...bustedSeqlocks,
];
export const rwsems: readonly Exploration[] = [...rwsemExplorations, ...bustedRwsems];
export const percpuRwsems: readonly Exploration[] = percpuRwsemExplorations;
