import type { Exploration } from '@percpu/experiment';
import { bustedSoftirqs } from './busted/tasklets.ts';
import { softirqExplorations } from './tasklets.ts';

/** Soft irqs and tasklets. */
export const softirq: readonly Exploration[] = [...softirqExplorations, ...bustedSoftirqs];
