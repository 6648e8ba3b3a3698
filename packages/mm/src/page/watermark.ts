/**
 * How far down an allocation may take the zone. Linux: gfp_to_alloc_flags() and __zone_watermark_ok().
 *
 *   low   the first attempt of everybody        below it freed pages go past the per-CPU lists
 *   min   the second                            and tasks that may sleep reclaim, up to `high`
 *   ⅜ of min  GFP_ATOMIC                        half of it for the urgent, a quarter of the rest off if they cannot sleep
 *   none  __GFP_MEMALLOC, PF_MEMALLOC           the reserve: for those who free memory by using a little
 */
import { currentTask } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import type { Memory } from '@percpu/memory';
import { __GFP_HIGH, __GFP_MEMALLOC, __GFP_NOMEMALLOC, maySleep } from '../gfp.ts';
import type { Gfp } from '../gfp.ts';
import { hasBlock } from './buddy.ts';
import type { MmView } from './mm-view.ts';
import { Zone } from './zone-layout.ts';

/** Below every number of free pages. */
const NO_WATERMARK = -1;

/** The free pages that an allocation with `flags` must leave behind, and one more. */
export function markOf(cpu: Cpu, view: MmView, flags: Gfp): number {
  if (usesReserve(cpu, view, flags)) return NO_WATERMARK;
  let mark = view.min;
  if ((flags & __GFP_HIGH) !== 0) {
    mark -= mark >>> 1;
    if (!maySleep(flags)) mark -= mark >>> 2;
  }
  return mark;
}

/** Linux: gfp_pfmemalloc_allowed(). */
function usesReserve(cpu: Cpu, view: MmView, flags: Gfp): boolean {
  if ((flags & __GFP_NOMEMALLOC) !== 0) return false;
  return (flags & __GFP_MEMALLOC) !== 0 || isMemalloc(cpu, view);
}

/** Does the running task have PF_MEMALLOC? An interrupt is not the task that it interrupts. */
export function isMemalloc(cpu: Cpu, view: MmView): boolean {
  return view.memalloc.size !== 0 && !cpu.inInterrupt() && view.memalloc.has(currentTask(cpu));
}

/** Would 2^order pages leave more than `mark`, and is there such a block? Under the lock of the zone. */
export function watermarkOk(memory: Memory, view: MmView, order: number, mark: number): boolean {
  const left = memory.load(view.zone + Zone.free) - (2 ** order - 1);
  return left > mark && hasBlock(memory, view.zone, order);
}
