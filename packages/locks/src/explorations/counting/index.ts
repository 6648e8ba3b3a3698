import type { Exploration } from '@percpu/experiment';
import { bustedCounters } from './busted/counters.ts';
import { bustedLockrefs } from './busted/lockrefs.ts';
import { bustedRefcounts } from './busted/refcounts.ts';
import { lockrefExplorations } from './lockref.ts';
import { percpuCounterExplorations } from './percpu-counter.ts';
import { refcountExplorations } from './refcount.ts';

export const counting: readonly Exploration[] = [
  ...percpuCounterExplorations,
  ...refcountExplorations,
  ...lockrefExplorations,
  ...bustedCounters,
  ...bustedRefcounts,
  ...bustedLockrefs,
];
