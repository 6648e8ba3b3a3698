/** What of the machine is explored, and the busted twins that the explorer must find. */
import { explorationList } from '@percpu/experiment';
import type { Exploration } from '@percpu/experiment';
import { core } from './core/index.ts';
import { hotplug } from './hotplug/index.ts';
import { parking } from './parking/parking.ts';
import { parkingProof } from './parking/proof.ts';
import { softirq } from './softirq/index.ts';
import { tasks } from './tasks/index.ts';
import { timer } from './timer/index.ts';
import { trace } from './trace/index.ts';
import { workqueue } from './workqueue/index.ts';

export const explorations: readonly Exploration[] = explorationList([
  ...core,
  ...tasks,
  ...parking,
  ...parkingProof,
  ...softirq,
  ...timer,
  ...workqueue,
  ...hotplug,
  ...trace,
]);
