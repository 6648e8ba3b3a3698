/** Allocating from a pool and giving back; mempool-layout.ts has the proof. */
import { finishWait, initWait, prepareToWait, wakeUpAll } from '@percpu/locks';
import { mightSleep, schedule, TaskState, warnOnce } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { alreadyDone } from '../already-done.ts';
import {
  __GFP_NOMEMALLOC,
  __GFP_NORETRY,
  __GFP_NOWARN,
  __GFP_ZERO,
  atomicPart,
  gfp,
  maySleep,
} from '../gfp.ts';
import type { AtomicGfp, Gfp, SleepingGfp } from '../gfp.ts';
import { Mempool } from './mempool-layout.ts';
import { elementNow, elementSleeping, freeElement } from './pool-elements.ts';
import { lockPool, popElement, pushElement, unlockPool } from './pool-steps.ts';

/**
 * Linux: mempool_alloc(). An element: a page, an object, what the pool is for. With flags that may sleep
 * it never fails, but waits until somebody frees one: task context, `yield*` it. With the others 0 means that
 * allocator and pool are empty: any context but NMI. What is in the element is undefined.
 */
export function mempoolAlloc(cpu: Cpu, pool: Ptr, flags: AtomicGfp): Ptr;
export function mempoolAlloc(cpu: Cpu, pool: Ptr, flags: SleepingGfp): Sleeps<Ptr>;
export function mempoolAlloc(cpu: Cpu, pool: Ptr, flags: Gfp): Ptr | Sleeps<Ptr> {
  warnOnce(
    cpu,
    (flags & __GFP_ZERO) !== 0,
    'mempoolAlloc with __GFP_ZERO: elements that come from the pool are not zeroed',
  );
  // The reserve of the zone is not for those who have one of their own.
  const own = gfp(flags, __GFP_NOMEMALLOC, __GFP_NORETRY, __GFP_NOWARN);
  if (!maySleep(own)) return takeNow(cpu, pool, own);
  if (cpu.memory.checked) mightSleep(cpu);
  const element = takeNow(cpu, pool, atomicPart(own));
  return element === 0 ? takeSlow(cpu, pool, own) : alreadyDone(element);
}

/** Linux: mempool_free(). `element` came from this pool. Any context but NMI. */
export function mempoolFree(cpu: Cpu, pool: Ptr, element: Ptr): void {
  const { memory } = cpu;
  if (element === 0) return;
  // Edge E: if this element came out of the pool, what we read shows it.
  if (memory.load(pool + Mempool.curr) < memory.load(pool + Mempool.min)) {
    const flags = lockPool(cpu, pool);
    const kept = pushElement(memory, pool, element); // B1
    unlockPool(cpu, pool, flags);
    if (kept) {
      wakeUpAll(cpu, pool + Mempool.wait); // B2
      return;
    }
  }
  freeElement(cpu, pool, element);
}

function takeNow(cpu: Cpu, pool: Ptr, flags: AtomicGfp): Ptr {
  const element = elementNow(cpu, pool, flags);
  if (element !== 0) return element;
  const irq = lockPool(cpu, pool);
  const kept = popElement(cpu.memory, pool);
  unlockPool(cpu, pool, irq);
  return kept;
}

function* takeSlow(cpu: Cpu, pool: Ptr, flags: SleepingGfp): Sleeps<Ptr> {
  mightSleep(cpu);
  for (;;) {
    const element = yield* elementSleeping(cpu, pool, flags);
    if (element !== 0) return element;
    const kept = yield* popOrSleep(cpu, pool);
    if (kept !== 0) return kept;
    const again = takeNow(cpu, pool, atomicPart(flags));
    if (again !== 0) return again;
  }
}

/** An element of the pool; or else 0, after a sleep that the next free ends. */
function* popOrSleep(cpu: Cpu, pool: Ptr): Sleeps<Ptr> {
  const wait = pool + Mempool.wait;
  const entry = initWait(cpu);
  const flags = lockPool(cpu, pool);
  const element = popElement(cpu.memory, pool); // A1
  if (element === 0) prepareToWait(cpu, wait, entry, TaskState.uninterruptible); // A2
  unlockPool(cpu, pool, flags);
  if (element === 0) yield* schedule(cpu);
  finishWait(cpu, wait, entry);
  return element;
}
