/**
 * Per-CPU reader-writer semaphore: a reader counts itself in a word of its own CPU, so readers share no line that is written. A writer
 * pays for it: it looks at the words of all CPUs. Linux: kernel/locking/percpu-rwsem.c (Mikulas Patocka 2012, Peter Zijlstra 2019).
 *
 *   block      0 no writer     1 a writer is inside, or waits for the readers to leave
 *   readCount  one word a CPU; the *sum* is the number of readers, modulo 2^32
 *
 *   reader                               writer
 *   R1 this CPU's word += 1              W1 block: 0 → 1
 *   R2 block 0? inside                   W2 sum of all words 0? inside, else sleep, W2
 *   R3 word -= 1, wake the writer,       W3 block = 0
 *      wait in the queue                 W4 let in the first of the queue
 *
 * **Exclusion** is Dekker's: R1 before R2, W1 before W2, all sequentially consistent. If R2 misses W1, then R1 came before W2,
 * which counts the reader. A reader that is let in from the queue may be counted on the CPU that lets it in and take itself off on its
 * own: only the sum means something. The sum is not read in one step, yet it is not 0 too early: whoever was inside at W1 has been
 * counted before, so W2 misses none that came; it may miss that some have left, and of those that come after W1 and leave by R3 it
 * sees both steps or, between them, one too many, for they are on one word.
 *
 * **No wake-up is lost.** Who leaves takes itself off first and looks at `block` then; the writer announces itself and sums then.
 *
 * **Order.** Who finds `block` set waits in one queue, in order of arrival. W4 lets in the first: a writer alone, or readers up to
 * the next writer. It makes them holders itself (hand-off), so that nobody who comes meanwhile can starve them.
 *
 * Linux spares readers the full barrier between R1 and R2 as long as no writer has come of late, and makes the first writer wait for an
 * RCU grace period instead (rcu_sync). Here every atomic addition is such a barrier, so there is nothing to spare and no state to
 * switch: a writer costs the sum and the readers that are inside.
 */
import { bug, mightSleep } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { hex, percpuAlloc } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import {
  isObserved,
  lockAcquire,
  lockAcquired,
  lockContended,
  lockDestroy,
  lockInit,
  lockKind,
  lockRelease,
  lockTried,
} from '../debug/index.ts';
import type { LockKind } from '../debug/index.ts';
import { ListHead } from '../list.ts';
import { LockFlag } from '../lock-flags.ts';
import { ALREADY_DONE } from '../sleeping/already-done.ts';
import { WaitFlag } from '../sleeping/wait-entry.ts';
import { waitLock } from '../sleeping/wait-lock.ts';
import { initWaitQueue } from '../sleeping/wait-queue.ts';
import {
  drain,
  enter,
  isDrained,
  leave,
  letIn,
  PercpuRwsem,
  tryReader,
  tryWriter,
  wait,
} from './percpu-rwsem-queue.ts';
import type { RwSleepingType } from './rw-sleeping-type.ts';

export { PercpuRwsem } from './percpu-rwsem-queue.ts';

const KIND: LockKind = lockKind({
  name: 'percpu-rwsem',
  family: 'percpu_rwsem',
  layout: PercpuRwsem,
  owner: 'task',
  sleeps: true,
});

/** Linux: percpu_init_rwsem(). Takes 4 bytes of per-CPU memory for good; throws when there are none (boot parameter `percpu.reserve`). */
export function percpuInitRwsem(cpu: Cpu, at: Ptr): void {
  const { memory, machine } = cpu;
  const readCount = percpuAlloc(memory, machine.percpu, 4, 4);
  memory.store(at + PercpuRwsem.block, 0);
  memory.write(at + PercpuRwsem.readCount, readCount);
  waitLock.init(cpu, at + PercpuRwsem.lock);
  memory.write(at + PercpuRwsem.waiters + ListHead.first, 0);
  memory.write(at + PercpuRwsem.waiters + ListHead.last, 0);
  initWaitQueue(cpu, at + PercpuRwsem.drained);
  memory.write(at + PercpuRwsem.magic, 0);
  memory.describe(at, PercpuRwsem);
  if (isObserved(cpu)) lockInit(cpu, KIND, at);
}

/** Linux: percpu_free_rwsem(). It is none any more; BUG in debug mode when somebody holds or awaits it, or uses it afterwards. */
export function percpuFreeRwsem(cpu: Cpu, at: Ptr): void {
  if (isObserved(cpu)) lockDestroy(cpu, KIND, at, percpuRwsemIsLocked(cpu, at));
}

// ── readers ───────────────────────────────────────────────────────────────────────────────────

/** Linux: percpu_down_read(). Shared with other readers. Task context; a plain caller uses `cpu.block`. Not for a task that reads already. */
export function percpuDownRead(cpu: Cpu, at: Ptr, site = 0): Sleeps<void> {
  if (isObserved(cpu)) return observed(cpu, at, LockFlag.read, site);
  return tryReader(cpu, at) ? ALREADY_DONE : wait(cpu, at, 0);
}

/** Linux: percpu_down_read_trylock(). False: a writer is there. Never sleeps. Task context. */
export function percpuDownReadTrylock(cpu: Cpu, at: Ptr, site = 0): boolean {
  if (!tryReader(cpu, at)) return false;
  if (isObserved(cpu)) lockTried(cpu, KIND, at, LockFlag.read, site);
  return true;
}

/** Linux: percpu_up_read(). By the task that reads. Never sleeps. */
export function percpuUpRead(cpu: Cpu, at: Ptr): void {
  if (isObserved(cpu)) lockRelease(cpu, KIND, at, LockFlag.read, 0);
  leave(cpu, at);
}

// ── writers ───────────────────────────────────────────────────────────────────────────────────

/** Linux: percpu_down_write(). Alone. Waits for the readers of all CPUs. Task context; a plain caller uses `cpu.block`. */
export function* percpuDownWrite(cpu: Cpu, at: Ptr, site = 0): Sleeps<void> {
  if (isObserved(cpu)) yield* observed(cpu, at, 0, site);
  else {
    mightSleep(cpu);
    if (!tryWriter(cpu, at)) yield* wait(cpu, at, WaitFlag.exclusive);
    yield* drain(cpu, at);
  }
}

/** Linux: percpu_up_write(). By the writer. Task context, never sleeps. */
export function percpuUpWrite(cpu: Cpu, at: Ptr): void {
  if (isObserved(cpu)) lockRelease(cpu, KIND, at, 0, 0);
  // Edge W: publishes the critical section.
  if (cpu.memory.exchange(at + PercpuRwsem.block, 0) === 0)
    bug(cpu, `percpu_up_write of a percpu-rwsem that nobody writes, rwsem: ${hex(at)}`);
  letIn(cpu, at);
}

function* observed(cpu: Cpu, at: Ptr, flags: number, site: number): Sleeps<void> {
  lockAcquire(cpu, KIND, at, flags, site);
  const reads = (flags & LockFlag.read) !== 0;
  const kind = reads ? 0 : WaitFlag.exclusive;
  if (!enter(cpu, at, kind)) {
    lockContended(cpu, KIND, at, site);
    yield* wait(cpu, at, kind);
  }
  if (!reads) yield* drain(cpu, at);
  lockAcquired(cpu, KIND, at, site);
}

// ── looking ───────────────────────────────────────────────────────────────────────────────────

/** Linux: percpu_is_write_locked(). A writer is inside or about to be; the answer may be old by the time it arrives. Any context. */
export function percpuIsWriteLocked({ memory }: Cpu, at: Ptr): boolean {
  return memory.load(at + PercpuRwsem.block) !== 0;
}

/** Linux: percpu_is_read_locked(). May be wrong while readers come and go. Any context. */
export function percpuIsReadLocked(cpu: Cpu, at: Ptr): boolean {
  return !percpuIsWriteLocked(cpu, at) && !isDrained(cpu, at);
}

/** By readers or a writer; may be wrong while readers come and go. Any context. */
export function percpuRwsemIsLocked(cpu: Cpu, at: Ptr): boolean {
  return percpuIsWriteLocked(cpu, at) || !isDrained(cpu, at);
}

/** For code that is the same for all reader-writer locks whose waiters sleep. */
export const percpuRwsem: RwSleepingType = Object.freeze<RwSleepingType>({
  name: 'percpu-rwsem',
  layout: PercpuRwsem,
  init: percpuInitRwsem,
  downRead: percpuDownRead,
  downReadTrylock: percpuDownReadTrylock,
  upRead: percpuUpRead,
  downWrite: percpuDownWrite,
  upWrite: percpuUpWrite,
  isLocked: percpuRwsemIsLocked,
});
