import type { Experiment, Scenario } from '@percpu/experiment';
import { ipi } from './ipi.ts';
import { deafSpinner } from './scenarios/deaf-spinner.ts';
import { vanishedText } from './scenarios/vanished-text.ts';
import { wake } from './wake.ts';

export const experiments: readonly Experiment[] = [ipi, wake];
export const scenarios: readonly Scenario[] = [deafSpinner, vanishedText];
