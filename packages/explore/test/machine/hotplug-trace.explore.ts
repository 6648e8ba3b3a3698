/** Stopping CPUs, taking them down and bringing them up; tracepoints, whose changes reach all CPUs. */
import { exploreNamed } from './explore-named.ts';

exploreNamed({
  schedules: {
    'machine-stopped': 560,
    'cpu-down-and-up': 144,
    'tracepoint-unregistered': 753,
    'tracepoint-registered': 696,
  },
  twins: { 'one-cpu-stopped': 10 },
  drawn: {
    'cpu-down-and-called': 100,
    'cpu-down-and-queued': 100,
    // An interrupt in front of one access, and two preemptions: rarely drawn.
    'tracepoint-unregistered': 1000,
    'tracepoint-not-synchronized': 1000,
  },
});
