/** The mutex: sleeping, spinning, and giving up. */
import { explorePinned } from '@percpu/explore/vitest';
import { mutexes } from '../../src/explorations/sleeping/index.ts';

explorePinned(mutexes, {
  schedules: {
    'mutex-excludes-2': 274,
    'mutex-excludes-3': 1230,
    'mutex-overtaken': 676,
    'mutex-two-tasks-of-a-cpu': 89,
    'mutex-trylock': 151,
    'mutex-hand-over': 274,
    'mutex-signal': 376,
    'mutex-signal-hand-over': 68,
    'mutex-signal-passes-wake-up': 439,
    'mutex-killable': 282,
    'mutex-spinners-2': 24,
    'mutex-spinners-3': 639,
    'mutex-spinner-and-sleeper': 587,
    'mutex-spinner-with-company': 65,
    'mutex-owner-sleeps': 240,
    'mutex-spinner-signalled': 388,
    'osq-leaves': 90,
    'osq-leaves-from-the-middle': 678,
  },
  twins: {
    'mutex-unlocked-by-another': 1000,
    'mutex-locked-twice': 1000,
    'mutex-leaves-what-it-got': 1000,
    'mutex-announces-late': 1000,
    'mutex-forgets-waiters': 1000,
    'mutex-takes-hand-off-away': 1000,
    'mutex-wakes-before-release': 1000,
    'mutex-spinner-takes-from-sleeper': 1000,
    'osq-leaves-granted': 1000,
    'osq-leaves-link': 1000,
    'osq-unlock-forgets-late': 1000,
  },
});
