/** The kernel-text function by which other CPUs ask this one to let go of its slab of a cache. */
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { flushSlab } from './cpu-slab.ts';

const FLUSH = 'slab_flush_cpu_slab';

/** At the attachment of each CPU. */
export function defineFlush(cpu: Cpu): void {
  cpu.text.define(FLUSH, flushSlab);
}

/** The address of `flushSlab`. */
export function flushAddress(cpu: Cpu): Ptr {
  return cpu.text.lookup(FLUSH);
}
