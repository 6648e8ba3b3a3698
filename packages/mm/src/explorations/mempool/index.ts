import type { Exploration } from '@percpu/experiment';
import { bustedPools } from './busted/pools.ts';
import { mempoolExplorations } from './mempool.ts';

export const mempool: readonly Exploration[] = [...mempoolExplorations, ...bustedPools];
