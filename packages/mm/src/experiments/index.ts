import type { Experiment, Scenario } from '@percpu/experiment';
import { mempool } from './mempool.ts';
import { pageAlloc } from './page-alloc.ts';
import { slabExperiment } from './slab.ts';

export const experiments: readonly Experiment[] = [pageAlloc, slabExperiment, mempool];
export const scenarios: readonly Scenario[] = [];
