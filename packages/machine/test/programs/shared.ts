import { memblockAlloc } from '@percpu/memory';
import type { Cpu, Subsystem } from '../../src/index.ts';

const scratch: Subsystem<number> = {
  name: 'scratch of the test',
  create: (cpu) => memblockAlloc(cpu.memory, 64 * 1024),
  attach: (_cpu, at) => at,
};

/** 64 KiB of zeroed memory that the CPUs of a test share. */
export function sharedScratch(cpu: Cpu): number {
  return cpu.use(scratch);
}
