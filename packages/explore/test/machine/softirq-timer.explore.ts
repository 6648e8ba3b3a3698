/** Soft irqs, tasklets, timers and hrtimers. */
import { exploreNamed } from './explore-named.ts';

exploreNamed({
  schedules: {
    'tasklet-scheduled-by-two': 18,
    'tasklet-scheduled-in-an-interrupt': 1112,
    'tasklet-killed': 49,
    'tasklet-disabled': 76,
    'softirq-raised-anywhere': 764,
    'timer-deleted-sync': 211,
    'hrtimer-cancelled': 211,
  },
  twins: {
    'tasklet-disabled-nosync': 100,
    'tasklet-killed-while-it-runs': 20,
    'softirq-raised-unguarded': 1000,
  },
  drawn: {
    'timer-modified': 300,
    'timer-deleted-without-sync': 200,
    'hrtimer-cancel-tried': 200,
  },
});
