/** Locks and queues whose waiters sleep. */
import { explorePinned } from '@percpu/explore/vitest';
import { sleeping } from '../../src/explorations/sleeping/index.ts';

explorePinned(sleeping, {
  schedules: {
    'mutex-excludes-2': 274,
    'mutex-excludes-3': 1230,
    'mutex-overtaken': 676,
    'mutex-two-tasks-of-a-cpu': 89,
    'mutex-trylock': 151,
    'mutex-hand-over': 274,
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
    'mutex-unlocked-by-another': 1000,
    'mutex-locked-twice': 1000,
    'wait-queue-looks-too-early': 1000,
    'wait-queue-wakes-too-early': 1000,
    'wait-queue-forgets-to-wake': 1000,
    'wait-queue-wakes-one-of-two': 1000,
  },
});
