/** Tasks: waking and waiting, kthreads, the scheduler. */
import { exploreNamed } from './explore-named.ts';

exploreNamed({
  schedules: {
    'wake-up': 20,
    'wake-twice': 1013,
    'wake-list': 142,
    'wake-while-taken': 3,
    'event-wait': 22,
    'event-wait-two': 1764,
    'sleep-lock-writers': 852,
    'sleep-lock-readers': 1210,
    'kthread-exit': 236,
    'kthread-stopped': 349,
    'kthread-parked': 76,
    'task-references': 22,
    'task-slots': 32,
    'task-slot-reused': 395,
    preempts: 794,
    'block-wakes': 500,
    'wake-by-interrupt': 295,
    'block-woken-by-interrupt': 353,
  },
  twins: {
    'wake-state-set-late': 50,
    'wake-before-news': 50,
    'event-overwritten': 50,
    'wake-queued-cleared-late': 50,
    'kthread-park-armed-late': 300,
    'block-asks-queues-only': 400,
  },
});
