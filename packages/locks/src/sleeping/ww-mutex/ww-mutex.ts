/**
 * ww_mutex: for code that needs several locks at once and cannot know in which order others take them. All are taken
 * with one context. Contexts have an age, and where two wait for each other one of them is refused (-EDEADLK):
 * it gives back all that it has, waits for the lock that it was refused (wwMutexLockSlow), and begins anew with the
 * same context, that is with the same age: so at some time it is the oldest.
 *
 *   owner   0 ◀──▶ task                     one compare-exchange each: the fast paths
 *           task | WAITERS ──▶ WAITERS      unlock: the first waiter is woken, and takes it
 *
 * **The back-off is a loop.** To have backed off once promises nothing: after the lock that was refused the next one may
 * be refused, too, under wait-die by the same older context again.
 */
import { bug, currentTask, Errno, mightSleep, TaskState } from '@percpu/machine';
import type { Cpu, Sleeps, TaskStateCode } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import {
  isObserved,
  lockAbandoned,
  lockAcquire,
  lockAcquired,
  lockContended,
  lockDestroy,
  lockInit,
  lockKind,
  lockRelease,
  lockTried,
} from '../../debug/index.ts';
import type { LockKind } from '../../debug/index.ts';
import { ALREADY_TAKEN } from '../already-done.ts';
import { ownerOf, WwAcquireCtx, WwMutex } from './layout.ts';
import { WW_STEPS } from './rules.ts';
import { lockSlow, takeFree, unlock } from './slow-path.ts';

const KIND: LockKind = lockKind({
  name: 'ww-mutex',
  family: 'ww_mutex',
  layout: WwMutex,
  owner: 'task',
  sleeps: true,
});

/** Linux: ww_mutex_init(). Nobody holds or awaits it; contexts of `wwClass` may take it. */
export function wwMutexInit(cpu: Cpu, at: Ptr, wwClass: Ptr): void {
  for (let offset = 0; offset < WwMutex.size; offset += 4) cpu.memory.store(at + offset, 0);
  cpu.memory.write(at + WwMutex.class, wwClass);
  cpu.memory.describe(at, WwMutex);
  if (isObserved(cpu)) lockInit(cpu, KIND, at);
}

/** Linux: ww_mutex_destroy(). It is no ww_mutex any more; BUG in debug mode when somebody holds or awaits it, or uses it afterwards. */
export function wwMutexDestroy(cpu: Cpu, at: Ptr): void {
  if (isObserved(cpu)) lockDestroy(cpu, KIND, at, wwMutexIsLocked(cpu, at));
}

/**
 * Linux: ww_mutex_lock(). Returns 0: the lock is ours; -EALREADY: the context has it; -EDEADLK: the context must give
 * back all its locks, then take this one by `wwMutexLockSlow` and begin anew. `ctx` 0: as a plain mutex, which is never
 * refused. Task context. `site`: see SpinLockType.
 */
export function wwMutexLock(cpu: Cpu, at: Ptr, ctx: Ptr, site = 0): Sleeps<number> {
  return lock(cpu, at, ctx, TaskState.uninterruptible, site);
}

/** Linux: ww_mutex_lock_interruptible(). As `wwMutexLock`, or -EINTR when a signal came. */
export function wwMutexLockInterruptible(cpu: Cpu, at: Ptr, ctx: Ptr, site = 0): Sleeps<number> {
  return lock(cpu, at, ctx, TaskState.interruptible, site);
}

/** Linux: ww_mutex_lock_slow(). After -EDEADLK, with all locks given back: sleeps until the lock that was refused is ours. Task context. */
export function* wwMutexLockSlow(cpu: Cpu, at: Ptr, ctx: Ptr, site = 0): Sleeps<void> {
  checkSlow(cpu, at, ctx);
  yield* wwMutexLock(cpu, at, ctx, site);
}

/** Linux: ww_mutex_lock_slow_interruptible(). As `wwMutexLockSlow`; returns 0, or -EINTR when a signal came. */
export function wwMutexLockSlowInterruptible(
  cpu: Cpu,
  at: Ptr,
  ctx: Ptr,
  site = 0,
): Sleeps<number> {
  checkSlow(cpu, at, ctx);
  return wwMutexLockInterruptible(cpu, at, ctx, site);
}

/** Linux: ww_mutex_trylock(). True: it is ours, or rather that of `ctx`, which may be 0. Task context, but never sleeps. */
export function wwMutexTrylock(cpu: Cpu, at: Ptr, ctx: Ptr, site = 0): boolean {
  if (cpu.inInterrupt())
    bug(cpu, `wwMutexTrylock in an interrupt, lock: ${hex(at)}: a ww_mutex belongs to a task`);
  if (ctx !== 0) WW_STEPS.heal(cpu.memory, ctx);
  if (!takeFree(cpu, at, ctx)) return false;
  if (isObserved(cpu)) {
    lockTried(cpu, KIND, at, 0, site, ctx);
    checkAcquired(cpu, at, ctx);
  }
  return true;
}

/** Linux: ww_mutex_unlock(). By the task that holds it. Task context, never sleeps. */
export function wwMutexUnlock(cpu: Cpu, at: Ptr): void {
  if (isObserved(cpu)) lockRelease(cpu, KIND, at, 0, 0);
  unlock(cpu, at);
}

/** Linux: ww_mutex_is_locked(). The answer may be old by the time it arrives. Any context. */
export function wwMutexIsLocked(cpu: Cpu, at: Ptr): boolean {
  return ownerOf(cpu.memory, at) !== 0;
}

function lock(cpu: Cpu, at: Ptr, ctx: Ptr, state: TaskStateCode, site: number): Sleeps<number> {
  if (ctx !== 0) WW_STEPS.heal(cpu.memory, ctx);
  if (isObserved(cpu)) return observedLock(cpu, at, ctx, state, site);
  return takeFree(cpu, at, ctx) ? ALREADY_TAKEN : sleepFor(cpu, at, ctx, state);
}

function* sleepFor(cpu: Cpu, at: Ptr, ctx: Ptr, state: TaskStateCode): Sleeps<number> {
  if (holds(cpu, at, ctx)) return Errno.EALREADY;
  mightSleep(cpu);
  return yield* lockSlow(cpu, at, ctx, state);
}

/** Only its own task can have made it the holder: the answer stays true. */
function holds({ memory }: Cpu, at: Ptr, ctx: Ptr): boolean {
  return ctx !== 0 && memory.load(at + WwMutex.ctx) === ctx;
}

function* observedLock(
  cpu: Cpu,
  at: Ptr,
  ctx: Ptr,
  state: TaskStateCode,
  site: number,
): Sleeps<number> {
  if (holds(cpu, at, ctx)) return Errno.EALREADY;
  lockAcquire(cpu, KIND, at, 0, site, ctx);
  let result = 0;
  if (!takeFree(cpu, at, ctx)) {
    lockContended(cpu, KIND, at, site);
    result = yield* lockSlow(cpu, at, ctx, state);
  }
  if (result !== 0) {
    lockAbandoned(cpu, KIND, at, site);
    return result;
  }
  lockAcquired(cpu, KIND, at, site);
  checkAcquired(cpu, at, ctx);
  return 0;
}

// ── debug mode. Linux: DEBUG_LOCKS_WARN_ON in ww_mutex_lock_acquired(), ww_mutex_lock_slow() ──

function checkAcquired(cpu: Cpu, at: Ptr, ctx: Ptr): void {
  if (ctx === 0) return;
  const { memory } = cpu;
  const wrong = (what: string): never =>
    bug(cpu, `ww_mutex: ${what}, lock: ${hex(at)}, context: ${hex(ctx)}`);
  if (memory.read(ctx + WwAcquireCtx.task) !== currentTask(cpu))
    wrong('the context belongs to another task');
  if (memory.read(ctx + WwAcquireCtx.done) === 1) wrong('taken after ww_acquire_done');
  const wwClass = memory.read(at + WwMutex.class);
  if (wwClass !== 0 && wwClass !== memory.read(ctx + WwAcquireCtx.class))
    wrong('the context is of a different class');
  const contending = memory.read(ctx + WwAcquireCtx.contending);
  if (contending === 0) return;
  if (contending !== at) wrong('after -EDEADLK another lock was taken first');
  // This one counts.
  if (memory.load(ctx + WwAcquireCtx.acquired) > 1)
    wrong('after -EDEADLK the other locks were not given back first');
  memory.write(ctx + WwAcquireCtx.contending, 0);
}

function checkSlow(cpu: Cpu, at: Ptr, ctx: Ptr): void {
  if (!isObserved(cpu)) return;
  const { memory } = cpu;
  if (memory.load(ctx + WwAcquireCtx.acquired) !== 0)
    bug(cpu, `ww_mutex_lock_slow with locks held, lock: ${hex(at)}, context: ${hex(ctx)}`);
  if (memory.read(ctx + WwAcquireCtx.contending) !== at)
    bug(cpu, `ww_mutex_lock_slow without -EDEADLK, lock: ${hex(at)}, context: ${hex(ctx)}`);
}
