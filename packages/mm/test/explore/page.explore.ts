/** Pages: the zone, per-CPU lists, waiting for a page, failing allocations. */
import { explorePinned } from '@percpu/explore/vitest';
import { page } from '../../src/explorations/page/index.ts';

explorePinned(page, {
  schedules: {
    'zone-linearizable-2': 122,
    'zone-linearizable-3': 216,
    'zone-both-halves': 116,
    'zone-merge-against-alloc': 182,
    'zone-watermark': 162,
    'page-references': 2,
    'list-interrupted': 7,
    'list-interrupt-takes': 7,
    'list-drained': 277,
    'list-drained-everywhere': 32,
    'list-freed-elsewhere': 65,
    'wait-for-pages': 393,
    'alloc-waits-for-a-free': 29,
    'alloc-fails-anywhere': 3,
  },
  twins: {
    'alloc-null-ignored': 100,
    'alloc-leaks-on-failure': 100,
    'zone-unlocked': 1000,
    'zone-locked-with-interrupts-on': 1000,
    'zone-merges-by-references': 1000,
    'zone-merge-checked-outside-the-lock': 1000,
    'zone-watermark-checked-outside-the-lock': 1000,
    'reserve-freed-to-a-list': 1000,
    'page-put-in-two-steps': 1000,
    'page-freed-twice': 1000,
    'page-used-after-free': 1000,
    'list-filled-with-interrupts-on': 1000,
    'list-taken-with-interrupts-on': 1000,
    'list-drained-from-elsewhere': 1000,
    'wait-registers-too-late': 1000,
    'free-wakes-too-early': 1000,
    'free-forgets-to-wake': 1000,
  },
});
