/**
 * Reader-writer semaphore: readers share, a writer is alone, holders may sleep and waiters do. Linux: kernel/locking/rwsem.c (David
 * Howells 2001; hand-off and readers in the count by Waiman Long 2019).
 *
 *   count  31                         8 7    3    2         1         0
 *          ┌───────────────────────────┬──────┬─────────┬─────────┬────────┐
 *          │ readers                   │      │ handoff │ waiters │ writer │
 *          └───────────────────────────┴──────┴─────────┴─────────┴────────┘
 *
 *   0 ◀──▶ writer                    one compare-exchange in, one addition out
 *   r ◀──▶ r + 1                     one addition each, none of the three flags set
 *   …|writer ──▶ …|reader            downgrade
 *   waiters ──▶ writer               by a writer that spins, in front of the list
 *   waiters|handoff ──▶ writer       by the first in the list only
 *
 * A reader counts itself first and looks then. One that finds a flag joins the list, and takes its count back under the lock of the
 * list; until then it looks as if it were inside, so it has to wake whom that kept out.
 *
 * **Order.** The list is in order of arrival. When a reader is first, it and all readers behind it get in together; readers that
 * come while anybody waits go behind, so a stream of readers ends before the first writer. Writers alone may overtake the list, by
 * spinning while a writer runs: waking a task takes some 5 µs, in which a busy rwsem would stand idle. The first that is
 * overtaken sets HANDOFF, and is next.
 *
 * **No wake-up is lost.** WAITERS is set under the lock of the list, and whoever joins looks at `count` after that. Whoever leaves
 * takes itself off `count` in one step and sees in the same step whether anybody waits; if so, it takes the lock of the list and lets
 * the first in. In between a writer may come first: then that one leaves later, and does the same.
 */
import { bug, currentTask, TaskState } from '@percpu/machine';
import type { Cpu, Sleeps, TaskStateCode } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import {
  isObserved,
  lockDestroy,
  lockDowngraded,
  lockInit,
  lockRelease,
  lockTried,
} from '../debug/index.ts';
import { LockFlag, subclassFlags } from '../lock-flags.ts';
import { ALREADY_DONE, ALREADY_TAKEN } from '../sleeping/already-done.ts';
import {
  countReader,
  INSIDE,
  NO_READER,
  READER,
  READERS,
  RwSem,
  takeFree,
  WAITERS,
  WRITER,
} from './rwsem-layout.ts';
import { KIND, observedRead, observedWrite } from './rwsem-observed.ts';
import { rwsemReadSlow, rwsemWriteSlow } from './rwsem-slow.ts';
import type { RwSleepingType } from './rw-sleeping-type.ts';
import { letIn, wakeAfterRelease } from './rwsem-wake.ts';
import { waitLock } from '../sleeping/wait-lock.ts';

export { RwSem } from './rwsem-layout.ts';

const { uninterruptible, interruptible, killable } = TaskState;

/** Linux: init_rwsem(). Nobody holds or awaits it. */
export function initRwsem(cpu: Cpu, at: Ptr): void {
  for (let offset = 0; offset < RwSem.size; offset += 4) cpu.memory.store(at + offset, 0);
  cpu.memory.describe(at, RwSem);
  if (isObserved(cpu)) lockInit(cpu, KIND, at);
}

/** It is no rwsem any more; BUG in debug mode when somebody holds or awaits it, or uses it afterwards. */
export function rwsemDestroy(cpu: Cpu, at: Ptr): void {
  if (isObserved(cpu)) lockDestroy(cpu, KIND, at, rwsemIsLocked(cpu, at));
}

// ── readers ───────────────────────────────────────────────────────────────────────────────────

/**
 * Linux: down_read(). Shared with other readers. Task context; a plain caller uses `cpu.block`. A task that reads already must not
 * read again: a writer that waits in between would wait for it, and it for the writer.
 */
export function downRead(cpu: Cpu, at: Ptr, site = 0): Sleeps<void> {
  if (isObserved(cpu)) return surely(observedRead(cpu, at, uninterruptible, 0, site));
  return countReader(cpu, at) ? ALREADY_DONE : surely(rwsemReadSlow(cpu, at, uninterruptible));
}

/** Linux: down_read_nested(). As `downRead`, where the caller holds rwsems of the same class on lower levels; `subclass` 0–7. */
export function downReadNested(cpu: Cpu, at: Ptr, subclass: number, site = 0): Sleeps<void> {
  if (!isObserved(cpu)) return downRead(cpu, at);
  return surely(observedRead(cpu, at, uninterruptible, subclassFlags(cpu, subclass), site));
}

/** Linux: down_read_interruptible(). A signal ends the wait. Returns 0, or -EINTR: the rwsem is not ours. */
export function downReadInterruptible(cpu: Cpu, at: Ptr, site = 0): Sleeps<number> {
  return readOrFail(cpu, at, interruptible, site);
}

/** Linux: down_read_killable(). As `downReadInterruptible`, for fatal signals. */
export function downReadKillable(cpu: Cpu, at: Ptr, site = 0): Sleeps<number> {
  return readOrFail(cpu, at, killable, site);
}

/** Linux: down_read_trylock(). True: we are a reader. False: a writer is inside, or somebody waits. Never sleeps. Any context but NMI. */
export function downReadTrylock(cpu: Cpu, at: Ptr, site = 0): boolean {
  const { memory } = cpu;
  let seen = memory.load(at + RwSem.count);
  for (;;) {
    if ((seen & NO_READER) !== 0) return false;
    // Edge W.
    const now = memory.compareExchange(at + RwSem.count, seen, seen + READER);
    if (now === seen) break;
    seen = now;
  }
  if (isObserved(cpu)) lockTried(cpu, KIND, at, LockFlag.read, site);
  return true;
}

/** Linux: up_read(). By a reader. Task context, never sleeps. */
export function upRead(cpu: Cpu, at: Ptr): void {
  if (isObserved(cpu)) lockRelease(cpu, KIND, at, LockFlag.read, 0);
  // Edge R: pairs with the compare-exchanges of writers, which come after all that was read.
  const before = cpu.memory.fetchAdd(at + RwSem.count, -READER);
  if (before < READER) bug(cpu, `up_read of an rwsem that nobody reads, rwsem: ${hex(at)}`);
  if (((before - READER) & (INSIDE | WAITERS)) === WAITERS) wakeAfterRelease(cpu, at);
}

// ── writers ───────────────────────────────────────────────────────────────────────────────────

/** Linux: down_write(). Alone. Task context; a plain caller uses `cpu.block`. */
export function downWrite(cpu: Cpu, at: Ptr, site = 0): Sleeps<void> {
  if (isObserved(cpu)) return surely(observedWrite(cpu, at, uninterruptible, 0, site, 0));
  return takeFree(cpu, at, currentTask(cpu))
    ? ALREADY_DONE
    : surely(rwsemWriteSlow(cpu, at, uninterruptible));
}

/** Linux: down_write_nested(). As `downWrite`, where the caller holds rwsems of the same class on lower levels; `subclass` 0–7. */
export function downWriteNested(cpu: Cpu, at: Ptr, subclass: number, site = 0): Sleeps<void> {
  if (!isObserved(cpu)) return downWrite(cpu, at);
  return surely(observedWrite(cpu, at, uninterruptible, subclassFlags(cpu, subclass), site, 0));
}

/** Linux: down_write_nest_lock(). As `downWrite`, where the caller holds `nest`, without which nobody takes several of this class. */
export function downWriteNestLock(cpu: Cpu, at: Ptr, nest: Ptr, site = 0): Sleeps<void> {
  if (!isObserved(cpu)) return downWrite(cpu, at);
  return surely(observedWrite(cpu, at, uninterruptible, 0, site, nest));
}

/** Linux: down_write_killable(). As `downWrite`, but a fatal signal ends the wait. Returns 0, or -EINTR: the rwsem is not ours. */
export function downWriteKillable(cpu: Cpu, at: Ptr, site = 0): Sleeps<number> {
  if (isObserved(cpu)) return observedWrite(cpu, at, killable, 0, site, 0);
  return takeFree(cpu, at, currentTask(cpu)) ? ALREADY_TAKEN : rwsemWriteSlow(cpu, at, killable);
}

/** Linux: down_write_trylock(). True: it is ours. False: somebody is inside or waits. Never sleeps. Task context. */
export function downWriteTrylock(cpu: Cpu, at: Ptr, site = 0): boolean {
  if (!takeFree(cpu, at, currentTask(cpu))) return false;
  if (isObserved(cpu)) lockTried(cpu, KIND, at, 0, site);
  return true;
}

/** Linux: up_write(). By the writer. Task context, never sleeps. */
export function upWrite(cpu: Cpu, at: Ptr): void {
  if (isObserved(cpu)) lockRelease(cpu, KIND, at, 0, 0);
  const { memory } = cpu;
  // Before the release: it must not wipe out the next owner.
  memory.store(at + RwSem.owner, 0);
  // Edge W: publishes the critical section.
  const before = memory.fetchAdd(at + RwSem.count, -WRITER);
  if ((before & WRITER) === 0)
    bug(cpu, `up_write of an rwsem that nobody writes, rwsem: ${hex(at)}`);
  if ((before & WAITERS) !== 0) wakeAfterRelease(cpu, at);
}

/** Linux: downgrade_write(). The writer becomes a reader, with no writer in between; readers that wait first get in too. */
export function downgradeWrite(cpu: Cpu, at: Ptr, site = 0): void {
  if (isObserved(cpu)) lockDowngraded(cpu, KIND, at, site);
  const { memory } = cpu;
  memory.store(at + RwSem.owner, 0);
  // Edge W: publishes the critical section to readers.
  const before = memory.fetchAdd(at + RwSem.count, READER - WRITER);
  if ((before & WRITER) === 0)
    bug(cpu, `downgrade_write of an rwsem that nobody writes, rwsem: ${hex(at)}`);
  if ((before & WAITERS) === 0) return;
  waitLock.lock(cpu, at + RwSem.lock);
  letIn(cpu, at);
  waitLock.unlock(cpu, at + RwSem.lock);
}

// ── looking ───────────────────────────────────────────────────────────────────────────────────

/** Linux: rwsem_is_locked(). By readers or a writer; the answer may be old by the time it arrives. Any context. */
export function rwsemIsLocked({ memory }: Cpu, at: Ptr): boolean {
  return (memory.load(at + RwSem.count) & (READERS | WRITER)) !== 0;
}

/** Linux: rwsem_is_contended(). Does anybody wait? The answer may be old by the time it arrives. Any context. */
export function rwsemIsContended({ memory }: Cpu, at: Ptr): boolean {
  return (memory.load(at + RwSem.count) & WAITERS) !== 0;
}

/** For code that is the same for all reader-writer locks whose waiters sleep. */
export const rwsem: RwSleepingType = Object.freeze<RwSleepingType>({
  ...{ name: 'rwsem', layout: RwSem, init: initRwsem, isLocked: rwsemIsLocked },
  ...{ downRead, downReadTrylock, upRead, downWrite, upWrite },
});

/** Of a wait that no signal ends. */
function* surely(wait: Sleeps<number>): Sleeps<void> {
  yield* wait;
}

function readOrFail(cpu: Cpu, at: Ptr, state: TaskStateCode, site: number): Sleeps<number> {
  if (isObserved(cpu)) return observedRead(cpu, at, state, 0, site);
  return countReader(cpu, at) ? ALREADY_TAKEN : rwsemReadSlow(cpu, at, state);
}
