/** Counters. */
import { explorePinned } from '@percpu/explore/vitest';
import { counting } from '../../src/explorations/counting/index.ts';

explorePinned(counting, {
  schedules: {
    'percpu-counter-folds': 14,
    'percpu-counter-sum': 17,
    'percpu-counter-read': 2,
    'percpu-counter-interrupted': 8,
    'refcount-freed-once': 4,
    'refcount-not-from-zero': 4,
    'refcount-if-one': 3,
    'refcount-dec-and-lock': 51,
    'refcount-saturates': 22,
    'refcount-linearizable': 83,
    'lockref-held-still': 33,
    'lockref-last-one-locks': 4,
    'lockref-not-from-the-dead': 73,
    'lockref-linearizable': 386,
  },
  twins: {
    'percpu-counter-adds-in-two-steps': 1000,
    'percpu-counter-folds-unlocked': 1000,
    'refcount-inc-in-two-steps': 100,
    'refcount-dec-in-two-steps': 100,
    'refcount-dec-looks-later': 100,
    'refcount-inc-looks-first': 100,
    'refcount-dec-if-one-in-two-steps': 100,
    'refcount-dec-then-lock': 100,
    'refcount-does-not-look-again': 100,
    'refcount-does-not-saturate': 100,
    'refcount-not-linearizable': 100,
    'lockref-get-past-the-lock': 100,
    'lockref-get-in-two-steps': 100,
    'lockref-believes-its-first-look': 100,
    'lockref-not-marked-dead': 100,
    'lockref-get-looks-first': 100,
    'lockref-drops-before-it-locks': 100,
  },
});
