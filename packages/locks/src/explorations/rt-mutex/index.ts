import type { Exploration } from '@percpu/experiment';
import { bustedRtMutexes } from './busted/rt-mutexes.ts';
import { rtMutexExplorations } from './rt-mutex.ts';

export const rtMutexes: readonly Exploration[] = [...rtMutexExplorations, ...bustedRtMutexes];
