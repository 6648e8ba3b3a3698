import type { Exploration } from '@percpu/experiment';
import { bustedSlabs } from './busted/index.ts';
import { interrupted } from './interrupted.ts';
import { lifeOfACache } from './life-of-a-cache.ts';
import { perCpuLists } from './per-cpu-lists.ts';

export const slab: readonly Exploration[] = [
  ...perCpuLists,
  ...interrupted,
  ...lifeOfACache,
  ...bustedSlabs,
];
