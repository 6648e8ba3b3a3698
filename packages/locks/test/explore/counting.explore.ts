/** Counters. */
import { explorePinned } from '@percpu/explore/vitest';
import { counting } from '../../src/explorations/counting/index.ts';

explorePinned(counting, {
  schedules: {
    'percpu-counter-folds': 14,
    'percpu-counter-sum': 17,
    'percpu-counter-read': 2,
    'percpu-counter-interrupted': 8,
  },
  twins: {
    'percpu-counter-adds-in-two-steps': 1000,
    'percpu-counter-folds-unlocked': 1000,
  },
});
