/** Memory pools. */
import { explorePinned } from '@percpu/explore/vitest';
import { mempool } from '../../src/explorations/mempool/index.ts';

explorePinned(mempool, {
  schedules: {
    'mempool-of-one-2': 214,
    'mempool-of-one-3': 6,
    'mempool-given-back': 178,
    'mempool-given-back-2': 544,
    'mempool-lacks-one': 116,
    'mempool-freed-by-an-interrupt': 7,
    'mempool-resized': 196,
  },
  twins: {
    'mempool-joins-too-late': 1000,
    'mempool-wakes-too-early': 1000,
    'mempool-forgets-to-wake': 1000,
    'mempool-wakes-one-of-two': 1000,
    'mempool-pops-unlocked': 1000,
    'mempool-looks-once': 1000,
    'mempool-locked-with-interrupts-on': 1000,
    'mempool-looks-with-a-plain-read': 1000,
  },
});
