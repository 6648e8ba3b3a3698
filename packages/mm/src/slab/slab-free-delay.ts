import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { SlabShared } from './slab-shared.ts';
import { slabView } from './slab-view.ts';

/**
 * Where RCU plugs in: `delay(slab)` at this text address, which all CPUs have defined, is called instead of freeing
 * a slab of a SLAB_TYPESAFE_BY_RCU cache, and calls `freeSlabNow(cpu, slab)` after a grace period. 0: free at once.
 */
export function setSlabFreeDelay(cpu: Cpu, delay: Ptr): void {
  cpu.memory.store(slabView(cpu).at + SlabShared.delayFree, delay);
}
