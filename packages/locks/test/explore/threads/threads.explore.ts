/** The locks for plain worker threads: bare Atomics, explored as they are. */
import { explorePinned } from '@percpu/explore/vitest';
import { barriers } from './barrier.ts';
import { busted } from './busted.ts';
import { conditions } from './condition.ts';
import { mutexes } from './mutex.ts';
import { rwLocks } from './rw-lock.ts';
import { semaphores } from './semaphore.ts';

explorePinned([...mutexes, ...semaphores, ...rwLocks, ...conditions, ...barriers, ...busted], {
  schedules: {
    'threads-mutex-two': 12,
    'threads-mutex-two-turns': 143,
    'threads-mutex-three': 1155,
    'threads-mutex-insists': 2716,
    'threads-mutex-two-insist': 2683,
    'threads-mutex-times-out': 2887,
    'threads-mutex-insisting-times-out': 2895,
    'threads-mutex-try-lock': 8,
    'threads-semaphore-one-permit': 3258,
    'threads-semaphore-two-permits': 1200,
    'threads-semaphore-times-out': 8085,
    'threads-semaphore-try-acquire': 22,
    'threads-rw-lock-reader-and-writer': 28,
    'threads-rw-lock-two-writers': 18,
    'threads-rw-lock-phases': 2976,
    'threads-rw-lock-two-writers-and-a-reader': 2733,
    'threads-rw-lock-writer-times-out': 3660,
    'threads-rw-lock-reader-times-out': 70,
    'threads-rw-lock-downgrade': 41,
    'threads-condition-wakes-its-waiter': 30,
    'threads-condition-wakes-all': 882,
    'threads-condition-times-out': 179,
    'threads-barrier-publishes': 3360,
    'threads-barrier-again': 2146,
    'threads-barrier-times-out': 34,
  },
  twins: {
    'threads-mutex-forgets-sleepers': 100,
    'threads-mutex-calls-first': 100,
    'threads-mutex-hands-over-in-the-open': 100,
    'threads-mutex-sleeps-on-the-wrong-value': 100,
    'threads-semaphore-leaves-its-token': 100,
    'threads-condition-reads-the-calls-too-late': 100,
    'threads-condition-counts-itself-too-late': 100,
    'threads-barrier-lets-go-before-it-counts-anew': 100,
  },
});
