/** What is free, for people. */
import { ttas } from '@percpu/locks';
import type { Cpu } from '@percpu/machine';
import { perCpuPtr } from '@percpu/memory';
import { countBlocks } from './buddy.ts';
import { mmView } from './mm-view.ts';
import { PerCpuPages, Zone } from './zone-layout.ts';

export interface ZoneInfo {
  readonly pages: number;
  /** Pages in the zone's lists; those on per-CPU lists are not among them. Linux: NR_FREE_PAGES. */
  readonly free: number;
  /** Watermarks, in pages. */
  readonly min: number;
  readonly low: number;
  readonly high: number;
  /** Free blocks of order 0, 1, … 10. */
  readonly blocks: readonly number[];
}

/** Linux: /proc/zoneinfo, what there is of it here. Any context but NMI. */
export function zoneInfo(cpu: Cpu): ZoneInfo {
  const { memory } = cpu;
  const { zone, nrPages, min, low, high } = mmView(cpu);
  const flags = ttas.lockIrqsave(cpu, zone + Zone.lock);
  const free = memory.load(zone + Zone.free);
  const blocks = countBlocks(memory, zone);
  ttas.unlockIrqrestore(cpu, zone + Zone.lock, flags);
  return { pages: nrPages, free, min, low, high, blocks };
}

/** Linux: /proc/buddyinfo. Free blocks of each order. Any context but NMI. */
export function buddyInfo(cpu: Cpu): string {
  const columns = zoneInfo(cpu).blocks.map((count) => String(count).padStart(6));
  return `Node 0, zone   Normal ${columns.join(' ')}`;
}

/** Pages on the list of this CPU. */
export function pagesOnList(cpu: Cpu, id: number = cpu.id): number {
  const { zone } = mmView(cpu);
  const lists = perCpuPtr(cpu.machine.percpu, cpu.memory.read(zone + Zone.perCpu), id);
  return cpu.memory.read(lists + PerCpuPages.count);
}
