import { parameter } from '../parameters.ts';
import type { Parameter } from '../parameters.ts';

/** Task slots of the machine. 0 = 512 and 16 for each CPU. */
export const TASKS_MAX: Parameter<number> = parameter('tasks.max', {
  type: 'u32',
  default: 0,
  max: 1 << 22,
  description: 'Tasks the machine has room for, one per CPU included (0: 512 + 16 per CPU).',
});

/** Linux: hung_task_timeout_secs, in milliseconds. 0 = never. */
export const HUNG_TASK_TIMEOUT: Parameter<number> = parameter('hungTask.timeout', {
  type: 'u32',
  default: 120_000,
  max: 86_400_000,
  description: 'Milliseconds a task may be blocked before it counts as hung (0: for ever).',
});
