/** The per-CPU reader-writer semaphore. */
import { explorePinned } from '@percpu/explore/vitest';
import { percpuRwsems } from '../../src/explorations/reader-writer/index.ts';

explorePinned(percpuRwsems, {
  schedules: {
    'percpu-rwsem-reader-and-writer': 95,
    'percpu-rwsem-writers': 92,
    'percpu-rwsem-readers-and-writer': 83,
    'percpu-rwsem-writers-and-reader': 114,
    'percpu-rwsem-attempt-to-read': 71,
    'percpu-rwsem-readers-together': 56,
    'percpu-rwsem-switches': 177,
    'percpu-rwsem-lets-in-in-order': 108,
  },
  twins: {
    'percpu-rwsem-forgets-a-cpu': 1000,
    'percpu-rwsem-sums-before-blocking': 1000,
    'percpu-rwsem-looks-then-counts': 1000,
    'percpu-rwsem-leaves-silently': 1000,
    'percpu-rwsem-wakes-before-leaving': 1000,
    'percpu-rwsem-lets-nobody-in': 1000,
  },
});
