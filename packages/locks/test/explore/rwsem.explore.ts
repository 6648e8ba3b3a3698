/** The reader-writer semaphore. */
import { explorePinned } from '@percpu/explore/vitest';
import { rwsems } from '../../src/explorations/reader-writer/index.ts';

explorePinned(rwsems, {
  schedules: {
    'rwsem-reader-and-writer-spin-0': 38,
    'rwsem-reader-and-writer-spin-2': 178,
    'rwsem-writers-spin-0': 106,
    'rwsem-writers-spin-2': 90,
    'rwsem-readers-and-writer': 48,
    'rwsem-writers-and-reader': 76,
    'rwsem-attempt-to-read': 51,
    'rwsem-readers-together': 168,
    'rwsem-writer-twice-spin-0': 205,
    'rwsem-writer-twice-spin-2': 155,
    'rwsem-writer-twice-and-reader': 72,
    'rwsem-writer-not-passed': 30,
    'rwsem-downgrade': 83,
    'rwsem-downgrade-lets-readers-in': 92,
    'rwsem-attempt-to-write': 60,
    'rwsem-killed-writer': 98,
    'rwsem-interrupted-reader': 98,
  },
  twins: {
    'rwsem-passes-writers': 1000,
    'rwsem-passes-waiters': 1000,
    'rwsem-leaves-silently': 1000,
    'rwsem-wakes-before-leaving': 1000,
    'rwsem-leaves-in-two-steps': 1000,
    'rwsem-unlocks-silently': 1000,
    'rwsem-unlocks-for-all': 1000,
    'rwsem-hand-off-left-set': 1000,
    'rwsem-looks-then-takes': 1000,
    'rwsem-downgrades-by-unlocking': 1000,
    'rwsem-downgrades-in-two-steps': 1000,
  },
});
