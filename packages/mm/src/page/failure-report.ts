import { printk, readString } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { PerCpuLayout } from '@percpu/machine';
import { __GFP_NOWARN } from '../gfp.ts';
import type { Gfp } from '../gfp.ts';
import { zoneInfo } from './buddyinfo.ts';
import type { MmView } from './mm-view.ts';

/** Linux: warn_alloc(). What failed, where, and what was free. Silent with __GFP_NOWARN. Any context. */
export function allocationFailed(cpu: Cpu, view: MmView, flags: Gfp, order: number): void {
  if ((flags & __GFP_NOWARN) !== 0) return;
  const { memory, area } = cpu;
  const comm = readString(memory, memory.readOwn(area + PerCpuLayout.currentName)) || 'swapper';
  const info = zoneInfo(cpu);
  printk(
    cpu,
    'warning',
    `${comm}: page allocation failure: order:${order}, mode:0x${flags.toString(16)}`,
  );
  printk(
    cpu,
    'warning',
    `zone: ${info.free} of ${view.nrPages} pages free, min:${view.min} low:${view.low} high:${view.high}, ` +
      `blocks of order 0…: ${info.blocks.join(' ')}`,
  );
}
