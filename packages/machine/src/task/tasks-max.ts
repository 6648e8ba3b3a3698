import { parameter } from '../parameters.ts';
import type { Parameter } from '../parameters.ts';

/** Task slots of the machine. 0 = 512 and 16 for each CPU. */
export const TASKS_MAX: Parameter<number> = parameter('tasks.max', {
  type: 'u32',
  default: 0,
  max: 1 << 22,
  description: 'Tasks the machine has room for, one per CPU included (0: 512 + 16 per CPU).',
});
