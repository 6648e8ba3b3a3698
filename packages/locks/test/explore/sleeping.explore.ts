/** Completions and wait queues. */
import { explorePinned } from '@percpu/explore/vitest';
import { waits } from '../../src/explorations/sleeping/index.ts';

explorePinned(waits, {
  schedules: {
    'completion-wakes-its-waiter': 1388,
    'completion-in-an-interrupt': 6,
    'completion-complete-all': 378,
    'completion-counts': 436,
    'completion-timeout': 31,
    'completion-try-wait': 6,
    'wait-queue-wakes-its-waiter': 992,
    'wait-queue-wakes-all': 281,
    'wait-queue-exclusive': 120,
    'wait-queue-timeout': 31,
  },
  twins: {
    'wait-queue-looks-too-early': 1000,
    'wait-queue-wakes-too-early': 1000,
    'wait-queue-forgets-to-wake': 1000,
    'wait-queue-wakes-one-of-two': 1000,
  },
});
