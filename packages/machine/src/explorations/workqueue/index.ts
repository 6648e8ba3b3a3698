import type { Exploration } from '@percpu/experiment';
import { bustedWorks } from './busted/works.ts';
import { delayedWorks } from './delayed.ts';
import { elsewhere } from './elsewhere.ts';
import { moved } from './moved.ts';
import { works } from './queue.ts';

/** Work queues: queueing, waiting, cancelling, and CPUs that go down. */
export const workqueue: readonly Exploration[] = [
  ...works,
  ...moved,
  ...elsewhere,
  ...delayedWorks,
  ...bustedWorks,
];
