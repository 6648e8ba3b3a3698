import type { Memory } from '@percpu/memory';
import { PerCpuLayout } from './machine-layout.ts';
import { areaOf } from './machine-info.ts';
import type { MachineInfo } from './machine-info.ts';
import { kickArea } from './parking.ts';

/**
 * Makes interrupt `bit` pending on CPU `target` and wakes it if it sleeps. Any thread, also one that is
 * no CPU. True when it was not pending before.
 */
export function raiseInterrupt(
  memory: Memory,
  machine: MachineInfo,
  target: number,
  bit: number,
): boolean {
  const area = areaOf(machine, target);
  const mask = (1 << bit) >>> 0;
  // Pairs with the fetchAnd in serviceInterrupts. Whoever set the bit first has kicked, or is about to.
  const already = (memory.fetchOr(area + PerCpuLayout.pending, mask) & mask) !== 0;
  if (!already) kickArea(memory, area);
  return !already;
}
