/**
 * Allocating pages. Linux: alloc_pages().
 *
 *   order 0   this CPU's list ──empty──▶ a batch from the zone
 *   larger    the zone, under its lock
 *
 * An allocation that may not sleep fails where the zone is at its watermark; one that may reclaims, and
 * waits (alloc-slow.ts).
 */
import { bug, mightSleep, warnOnce } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { PAGE_SIZE } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { alreadyDone } from '../already-done.ts';
import { shouldFail } from '../fault-injection/should-fail.ts';
import { __GFP_NOFAIL, maySleep } from '../gfp.ts';
import type { AtomicGfp, Gfp, SleepingGfp } from '../gfp.ts';
import { allocSlow } from './alloc-slow.ts';
import { allocationFailed } from './failure-report.ts';
import { mmView } from './mm-view.ts';
import type { MmView } from './mm-view.ts';
import { MAX_ORDER } from './page-layout.ts';
import { rmqueue } from './rmqueue.ts';
import { markOf } from './watermark.ts';

/**
 * Linux: alloc_pages(). The struct page of 2^order pages (0 … 10) that are the caller's alone, with one
 * reference; 0: there is no memory. What is in them is undefined, unless __GFP_ZERO. With flags that never
 * sleep: any context but NMI. With the others: `yield*` it, in task context.
 */
export function allocPages(cpu: Cpu, flags: AtomicGfp, order: number): Ptr;
export function allocPages(cpu: Cpu, flags: SleepingGfp, order: number): Sleeps<Ptr>;
export function allocPages(cpu: Cpu, flags: Gfp, order: number): Ptr | Sleeps<Ptr> {
  const view = mmView(cpu);
  if (!maySleep(flags)) {
    const page = attempt(cpu, view, flags, order);
    return page === TRY_HARDER ? harder(cpu, view, flags, order) : page;
  }
  if (cpu.memory.checked) mightSleep(cpu);
  const page = attempt(cpu, view, flags, order);
  return page === TRY_HARDER ? allocSlow(cpu, view, flags, order) : alreadyDone(page);
}

/**
 * Linux: alloc_pages() without __GFP_DIRECT_RECLAIM. What `allocPages` does without sleeping, whatever `flags`
 * say of that: for allocators on top that try so first. Any context but NMI.
 */
export function tryAllocPages(cpu: Cpu, flags: Gfp, order: number): Ptr {
  const page = attempt(cpu, mmView(cpu), flags, order);
  return page === TRY_HARDER ? 0 : page;
}

/** No address: memory is short. */
const TRY_HARDER = -1;

/** The fast path: down to the low watermark. */
function attempt(cpu: Cpu, view: MmView, flags: Gfp, order: number): Ptr {
  if (order !== 0 && refused(cpu, order)) return 0;
  if (shouldFail(cpu, view.faults, 'fail_page_alloc', flags, PAGE_SIZE * 2 ** order, order))
    return 0;
  return rmqueue(cpu, view, flags, order, view.low) || TRY_HARDER;
}

function harder(cpu: Cpu, view: MmView, flags: Gfp, order: number): Ptr {
  const page = rmqueue(cpu, view, flags, order, markOf(cpu, view, flags));
  if (page !== 0) return page;
  warnOnce(
    cpu,
    (flags & __GFP_NOFAIL) !== 0,
    'allocPages: __GFP_NOFAIL with flags that never sleep; it may fail',
  );
  allocationFailed(cpu, view, flags, order);
  return 0;
}

/** Linux: WARN_ON_ONCE_GFP(order > MAX_PAGE_ORDER). */
function refused(cpu: Cpu, order: number): boolean {
  if (!Number.isInteger(order) || order < 0) {
    bug(cpu, `allocPages: order ${order}; accepted are whole numbers from 0 to ${MAX_ORDER}`);
  }
  return warnOnce(
    cpu,
    order > MAX_ORDER,
    `allocPages: order ${order}; accepted are orders up to ${MAX_ORDER} (MAX_PAGE_ORDER, 4 MiB)`,
  );
}
