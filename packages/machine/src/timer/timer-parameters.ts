import { parameter } from '../parameters.ts';
import type { Parameter } from '../parameters.ts';

/** Linux: CONFIG_HZ, whose default is 250 too. Jiffies, and at most as many ticks, a second. */
export const TIMER_HZ: Parameter<number> = parameter('timer.hz', {
  type: 'u32',
  default: 250,
  min: 1,
  max: 10_000,
  description: 'Jiffies per second: the grain of timers and the rate of the tick.',
});
