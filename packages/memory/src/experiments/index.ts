import type { Experiment, Scenario } from '@percpu/experiment';
import { seam } from './seam.ts';

export const experiments: readonly Experiment[] = [seam];
export const scenarios: readonly Scenario[] = [];
