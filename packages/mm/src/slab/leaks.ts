/** What is still allocated when the machine goes down. */
import type { Cpu } from '@percpu/machine';
import { remainingObjects, reportRemaining } from '../debug/remaining.ts';
import type { Remaining } from '../debug/remaining.ts';
import { cacheName } from './cache-name.ts';
import { allCaches } from './make-cache.ts';
import { slabView } from './slab-view.ts';

/**
 * All objects of all caches that somebody allocated and nobody freed, each with its allocation; and a report for each cache in
 * dmesg. Knows only of caches with debugging (`mm.debug`). Task context, while nobody else allocates or frees.
 */
export function reportSlabLeaks(cpu: Cpu): readonly Remaining[] {
  const leaks: Remaining[] = [];
  for (const cache of allCaches(cpu, slabView(cpu).at)) {
    const remaining = remainingObjects(cpu, cache);
    if (remaining.length === 0) continue;
    leaks.push(...remaining);
    reportRemaining(cpu, cache, `Objects remaining in ${cacheName(cpu.memory, cache)} at shutdown`);
  }
  return leaks;
}
