/** Priority inheritance. */
import { explorePinned } from '@percpu/explore/vitest';
import { rtMutexes } from '../../src/explorations/rt-mutex/index.ts';

explorePinned(rtMutexes, {
  schedules: {
    'rt-mutex-excludes-2': 42,
    'rt-mutex-lent-any-time': 427,
    'rt-mutex-excludes-3': 48,
    'rt-mutex-best-first': 20,
    'rt-mutex-chain': 40,
    'rt-mutex-two-lenders': 20,
    'rt-mutex-time-is-up': 29,
    'rt-mutex-one-of-two-gives-up': 20,
    'rt-mutex-timeout-against-grant': 159,
    'rt-mutex-interrupted': 105,
    'rt-mutex-deadlock': 100,
    'rt-mutex-trylock': 104,
  },
  twins: {
    'rt-mutex-does-not-lend': 50,
    'rt-mutex-does-not-propagate': 50,
    'rt-mutex-does-not-restore': 50,
    'rt-mutex-restores-too-much': 50,
    'rt-mutex-does-not-give-back': 50,
    'rt-mutex-gives-back-too-much': 50,
    'rt-mutex-first-come': 50,
    'rt-mutex-is-overtaken': 50,
    'rt-mutex-does-not-look-for-a-circle': 50,
    'rt-mutex-unlocks-blindly': 1000,
  },
});
