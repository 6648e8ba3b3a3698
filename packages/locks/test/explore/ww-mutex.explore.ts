/** Contexts that take several locks in any order. */
import { explore, explorePinned } from '@percpu/explore/vitest';
import { wwMutexes } from '../../src/explorations/ww-mutex/index.ts';

/** Need two preemptions at the right places and a third later on, which pct seldom draws. */
const rare = ['ww-mutex-does-not-look-for-waiters', 'ww-mutex-stamps-in-two-steps'];
for (const one of wwMutexes.filter(({ name }) => rare.includes(name)))
  explore(one, { schedules: 500, strategy: ['exhaustive', 'pos'] });

explorePinned(
  wwMutexes.filter(({ name }) => !rare.includes(name)),
  {
    schedules: {
      'ww-mutex-crosswise-wound-wait': 33,
      'ww-mutex-crosswise-wait-die': 29,
      'ww-mutex-three-contexts-wound-wait': 6,
      'ww-mutex-three-contexts-wait-die': 6,
      'ww-mutex-without-context-wound-wait': 6,
      'ww-mutex-without-context-wait-die': 6,
      'ww-mutex-already': 236,
      'ww-mutex-trylock': 127,
    },
    twins: {
      'ww-mutex-taken-after-done': 50,
      'ww-mutex-ends-with-locks': 50,
      'ww-mutex-of-another-class': 50,
      'ww-mutex-slow-without-refusal': 50,
      'ww-mutex-wounds-silently': 200,
      'ww-mutex-wakes-unwounded': 200,
      'ww-mutex-younger-waits': 200,
      'ww-mutex-does-not-heal': 200,
      'ww-mutex-backs-off-once': 200,
    },
  },
);
