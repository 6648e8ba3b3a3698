/** Work queues: queueing, waiting, cancelling, delays, and CPUs that go down. */
import { exploreNamed } from './explore-named.ts';

exploreNamed({
  schedules: {
    'work-queued-by-two': 16,
    'work-cancelled-sync': 22,
    'work-cancelled-and-queued': 136,
    'work-flushed': 32,
    'workqueue-flushed': 38,
    'workqueue-flushed-while-works-move': 38,
    'work-flushed-while-it-moves': 23,
    'work-cancelled-while-it-moves': 17,
    'work-flushed-while-queued-elsewhere': 17,
    'delayed-work-flushed': 492,
  },
  twins: { 'work-not-pending': 10 },
  drawn: { 'work-cancelled-without-sync': 50, 'delayed-work-flush-tries': 100 },
});
