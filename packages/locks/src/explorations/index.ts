/** The explorations of this package, and busted twins that prove that they can find something. */
import { explorationList } from '@percpu/experiment';
import type { Exploration } from '@percpu/experiment';
import { counting } from './counting/index.ts';
import { debug } from './debug/index.ts';
import { percpuRwsems, rwlocks, rwsems, seqlocks } from './reader-writer/index.ts';
import { rtMutexes } from './rt-mutex/index.ts';
import { sleeping } from './sleeping/index.ts';
import { spin } from './spin/index.ts';
import { wwMutexes } from './ww-mutex/index.ts';

export const explorations: readonly Exploration[] = explorationList([
  ...spin,
  ...sleeping,
  ...rtMutexes,
  ...wwMutexes,
  ...rwlocks,
  ...seqlocks,
  ...rwsems,
  ...percpuRwsems,
  ...counting,
  ...debug,
]);
