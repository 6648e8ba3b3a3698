import type { Experiment, Scenario } from '@percpu/experiment';

export const experiments: readonly Experiment[] = [];
export const scenarios: readonly Scenario[] = [];
