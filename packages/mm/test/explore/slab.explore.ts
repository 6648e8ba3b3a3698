/** Slab caches. */
import { explorePinned } from '@percpu/explore/vitest';
import { slab } from '../../src/explorations/slab/index.ts';

explorePinned(slab, {
  schedules: {
    'slab-two-cpus': 90,
    'slab-shared-partial': 14,
    'slab-remote-free-against-alloc': 240,
    'slab-remote-frees-to-a-full-slab': 30,
    'slab-remote-frees-to-an-owned-slab': 844,
    'slab-remote-free-against-flush': 4,
    'slab-last-remote-free-against-flush': 16,
    'slab-taken-off-while-freed-to': 11,
    'slab-shrink-against-free': 51,
    'slab-bulk-free': 172,
    'slab-allocation-fails': 722,
    'slab-alloc-interrupted': 7,
    'slab-free-interrupted': 6,
    'slab-new-slab-interrupted': 7,
    'slab-constructs-once': 54,
    'slab-destroy-asks-owner': 298,
    'slab-destroy-against-late-free': 402,
    'slab-debugged-free-against-alloc': 240,
  },
  twins: {
    'slab-freed-by-two': 1000,
    'slab-used-after-free': 1000,
  },
});
