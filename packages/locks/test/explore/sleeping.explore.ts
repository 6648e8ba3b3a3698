/** Completions, wait queues and semaphores. */
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
    'wait-queue-signal': 756,
    'wait-queue-killable': 155,
    'wait-queue-wake-interruptible': 124,
    'wait-queue-lock-irq': 138,
    'wait-queue-wake-function': 138,
    'completion-signal': 807,
    'semaphore-excludes-2': 146,
    'semaphore-excludes-3': 150,
    'semaphore-two-units': 180,
    'semaphore-up-in-an-interrupt': 6,
    'semaphore-signal': 543,
    'semaphore-signal-passes-unit': 711,
    'semaphore-timeout': 31,
    'semaphore-trylock': 135,
  },
  twins: {
    'semaphore-signal-leaves-unit': 1000,
    'semaphore-timeout-leaves-unit': 1000,
    'semaphore-interrupts-on': 1000,
    'wait-queue-leaves-wake-up': 1000,
    'completion-leaves-wake-up': 1000,
    'wait-queue-unlocks-early': 1000,

    'wait-queue-looks-too-early': 1000,
    'wait-queue-wakes-too-early': 1000,
    'wait-queue-forgets-to-wake': 1000,
    'wait-queue-wakes-one-of-two': 1000,
  },
});
