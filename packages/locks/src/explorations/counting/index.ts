import type { Exploration } from '@percpu/experiment';
import { bustedCounters } from './busted/counters.ts';
import { percpuCounterExplorations } from './percpu-counter.ts';

export const counting: readonly Exploration[] = [...percpuCounterExplorations, ...bustedCounters];
