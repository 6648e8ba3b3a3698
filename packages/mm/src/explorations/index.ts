/** The explorations of this package, and busted twins that prove that they can find something. */
import { explorationList } from '@percpu/experiment';
import type { Exploration } from '@percpu/experiment';
import { mempool } from './mempool/index.ts';
import { page } from './page/index.ts';
import { slab } from './slab/index.ts';

export const explorations: readonly Exploration[] = explorationList([...page, ...slab, ...mempool]);
