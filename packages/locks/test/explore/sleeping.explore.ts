/** Locks and queues whose waiters sleep. */
import { explorePinned } from '@percpu/explore/vitest';
import { sleeping } from '../../src/explorations/sleeping/index.ts';

explorePinned(sleeping, {
  schedules: {
    'mutex-excludes-2': 232,
    'mutex-excludes-3': 1086,
    'mutex-overtaken': 545,
    'mutex-two-tasks-of-a-cpu': 72,
    'mutex-trylock': 133,
    'mutex-hand-over': 232,
    'completion-wakes-its-waiter': 1324,
    'completion-in-an-interrupt': 6,
    'completion-complete-all': 420,
    'completion-counts': 490,
    'completion-timeout': 25,
    'completion-try-wait': 6,
    'wait-queue-wakes-its-waiter': 852,
    'wait-queue-wakes-all': 267,
    'wait-queue-exclusive': 120,
    'wait-queue-timeout': 25,
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
