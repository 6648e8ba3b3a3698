/** Sequence counters, latches and locks. */
import { explorePinned } from '@percpu/explore/vitest';
import { seqlocks } from '../../src/explorations/reader-writer/index.ts';

explorePinned(seqlocks, {
  schedules: {
    'seqlock-excludes-2-spinning': 6,
    'seqlock-excludes-2-sleeping': 6,
    'seqlock-reader-and-writer-spinning': 35,
    'seqlock-reader-and-writer-sleeping': 80,
    'seqlock-reader-and-writers': 512,
    'seqlock-readers-and-attempt': 297,
    'seqlock-reader-that-locks': 70,
    'seqlock-reader-that-excludes': 164,
    'seqlock-writer-interrupted': 6,
    'seqlock-reader-interrupted': 18,
    'seqcount-with-lock': 790,
    'seqcount-latch': 364,
  },
  twins: {
    'seqcount-latch-in-one-step': 1000,
    'seqlock-lets-interrupts-in': 1000,
    'seqlock-counts-late': 1000,
    'seqlock-ends-early': 1000,
    'seqlock-never-odd': 1000,
    'seqlock-reads-once': 1000,
    'seqlock-ignores-odd': 1000,
    'seqlock-looks-for-odd-only': 1000,
    'seqlock-reads-plainly': 1000,
    'seqlock-writes-plainly': 1000,
    'seqlock-ends-silently': 1000,
  },
});
