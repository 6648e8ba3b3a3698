import { parameter } from '../parameters.ts';
import type { Parameter } from '../parameters.ts';

/** Workers a pool may have: as many works may sleep at the same time on one CPU. */
export const MAX_WORKERS: Parameter<number> = parameter('workqueue.workers', {
  type: 'u32',
  default: 32,
  min: 1,
  max: 512,
  description: 'Workers per pool (two pools a CPU): works that may sleep at the same time.',
});

/** Work queues the machine has room for. Each takes 128 bytes for every CPU. */
export const MAX_WORKQUEUES: Parameter<number> = parameter('workqueue.max', {
  type: 'u32',
  default: 256,
  min: 8,
  max: 65_536,
  description: 'Work queues the machine has room for, three of its own included.',
});
