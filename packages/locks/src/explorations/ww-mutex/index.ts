import type { Exploration } from '@percpu/experiment';
import { bustedWwMutexes } from './busted/ww-mutexes.ts';
import { wwMutexExplorations, wwMutexMisuse } from './ww-mutex.ts';

export const wwMutexes: readonly Exploration[] = [
  ...wwMutexExplorations,
  ...wwMutexMisuse,
  ...bustedWwMutexes,
];
