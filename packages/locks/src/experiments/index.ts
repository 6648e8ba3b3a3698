import type { Experiment, Scenario } from '@percpu/experiment';
import { counter } from './counter.ts';
import { lockHandover } from './lock-handover.ts';

export const experiments: readonly Experiment[] = [counter, lockHandover];
export const scenarios: readonly Scenario[] = [];
