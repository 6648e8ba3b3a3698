/**
 * The allocation that may sleep, when memory is short. Linux: __alloc_pages_slowpath().
 *
 *   attempt down to `min` ─▶ reclaim ─▶ attempt ─▶ drain all per-CPU lists ─▶ attempt ─▶ wait for a free ─┐
 *                               ▲                                                                         │
 *                               └────────── at most MAX_RECLAIM_RETRIES rounds without progress ──────────┘
 *
 * There is no OOM killer: who would be killed? After the last round the allocation fails.
 */
import { mightSleep, warnOnce } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { __GFP_NOFAIL, __GFP_NORETRY, __GFP_RETRY_MAYFAIL } from '../gfp.ts';
import type { SleepingGfp } from '../gfp.ts';
import { allocationFailed } from './failure-report.ts';
import type { MmView } from './mm-view.ts';
import { COSTLY_ORDER } from './page-layout.ts';
import { drainAllPages } from './per-cpu-lists.ts';
import { directReclaim } from './reclaim.ts';
import { rmqueue } from './rmqueue.ts';
import { waitForPages } from './wait-for-pages.ts';
import { isMemalloc, markOf } from './watermark.ts';

/** Linux: MAX_RECLAIM_RETRIES. */
const MAX_RECLAIM_RETRIES = 16;
/** Of all rounds, for shrinkers that free without end, but never what is needed. */
const MAX_ROUNDS = 8 * MAX_RECLAIM_RETRIES;

/** Task context. 0: failed, and reported. */
export function* allocSlow(cpu: Cpu, view: MmView, flags: SleepingGfp, order: number): Sleeps<Ptr> {
  mightSleep(cpu);
  const nofail = (flags & __GFP_NOFAIL) !== 0;
  // Linux: WARN_ON_ONCE(order > 1): to wait for a large block may be to wait for ever.
  warnOnce(cpu, nofail && order > 1, `allocPages: __GFP_NOFAIL with order ${order}, larger than 1`);
  const mark = markOf(cpu, view, flags);
  const mayReclaim = !isMemalloc(cpu, view);
  let page = rmqueue(cpu, view, flags, order, mark);
  let idle = 0;
  for (let round = 0; page === 0; round++) {
    const freed = mayReclaim ? yield* directReclaim(cpu, view, flags) : 0;
    page = rmqueue(cpu, view, flags, order, mark);
    if (page !== 0) break;
    drainAllPages(cpu, view);
    page = rmqueue(cpu, view, flags, order, mark);
    if (page !== 0) break;
    idle = freed > 0 ? 0 : idle + 1;
    if (!nofail && (!worthRetrying(flags, order, mayReclaim, idle) || round >= MAX_ROUNDS)) {
      allocationFailed(cpu, view, flags, order);
      break;
    }
    yield* waitForPages(cpu, view, order, mark);
  }
  return page;
}

/** Linux: should_reclaim_retry(), and what comes before it. */
function worthRetrying(
  flags: SleepingGfp,
  order: number,
  mayReclaim: boolean,
  idle: number,
): boolean {
  if (!mayReclaim || (flags & __GFP_NORETRY) !== 0) return false;
  if (order > COSTLY_ORDER && (flags & __GFP_RETRY_MAYFAIL) === 0) return false;
  return idle < MAX_RECLAIM_RETRIES;
}
