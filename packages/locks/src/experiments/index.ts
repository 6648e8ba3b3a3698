import type { Experiment, Scenario } from '@percpu/experiment';
import { counter } from './counter.ts';
import { lockHandover } from './lock-handover.ts';
import { rwRead } from './rw-read.ts';

export const experiments: readonly Experiment[] = [counter, lockHandover, rwRead];
export const scenarios: readonly Scenario[] = [];
