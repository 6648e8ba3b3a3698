/** Classes and contexts of ww_mutexes: who is older than whom. */
import { bug, currentTask } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import { WwAcquireCtx, WwClass } from './layout.ts';

/**
 * What becomes of two contexts of which each wants what the other has.
 *
 *   wound-wait   the older one wounds the younger one, which gives back what it has; a younger one waits
 *   wait-die     the younger one is refused and gives back what it has; an older one waits
 */
export type WwPolicy = 'wound-wait' | 'wait-die';

/** Linux: DEFINE_WW_CLASS(), DEFINE_WD_CLASS(). */
export function wwClassInit(cpu: Cpu, at: Ptr, policy: WwPolicy): void {
  cpu.memory.store64(at + WwClass.stamp, 0);
  cpu.memory.write(at + WwClass.waitDie, policy === 'wait-die' ? 1 : 0);
  cpu.memory.describe(at, WwClass);
}

/** Linux: ww_acquire_init(). The running task begins to take locks of `wwClass` with the context at `ctx`, which is younger than all before. Task context. */
export function wwAcquireInit(cpu: Cpu, ctx: Ptr, wwClass: Ptr): void {
  const { memory } = cpu;
  initContext(cpu, ctx, wwClass, memory.fetchAdd64(wwClass + WwClass.stamp, 1) + 1);
}

/** All but the stamp. */
export function initContext(cpu: Cpu, ctx: Ptr, wwClass: Ptr, stamp: number): void {
  const { memory } = cpu;
  memory.describe(ctx, WwAcquireCtx);
  memory.write64(ctx + WwAcquireCtx.stamp, stamp);
  memory.write(ctx + WwAcquireCtx.class, wwClass);
  memory.write(ctx + WwAcquireCtx.task, currentTask(cpu));
  memory.store(ctx + WwAcquireCtx.acquired, 0);
  memory.store(ctx + WwAcquireCtx.wounded, 0);
  memory.write(ctx + WwAcquireCtx.done, 0);
  memory.write(ctx + WwAcquireCtx.contending, 0);
}

/** Linux: ww_acquire_done(). All locks have been taken: another one is a BUG in debug mode. */
export function wwAcquireDone(cpu: Cpu, ctx: Ptr): void {
  const { memory } = cpu;
  if (memory.read(ctx + WwAcquireCtx.done) === 1)
    bug(cpu, `ww_acquire_done called twice, context: ${hex(ctx)}`);
  memory.write(ctx + WwAcquireCtx.done, 1);
}

/** Linux: ww_acquire_fini(). The context ends; all its locks have been given back, or it is a BUG. */
export function wwAcquireFini(cpu: Cpu, ctx: Ptr): void {
  const held = cpu.memory.load(ctx + WwAcquireCtx.acquired);
  if (held !== 0)
    bug(cpu, `ww_acquire_fini with ${held} ww_mutexes still held, context: ${hex(ctx)}`);
}

/** Linux: __ww_ctx_less(). Two contexts of one class. */
export function isYounger(memory: Memory, ctx: Ptr, than: Ptr): boolean {
  return memory.read64(ctx + WwAcquireCtx.stamp) > memory.read64(than + WwAcquireCtx.stamp);
}

export function isWaitDie(memory: Memory, ctx: Ptr): boolean {
  return memory.read(memory.read(ctx + WwAcquireCtx.class) + WwClass.waitDie) === 1;
}

/** Does it hold anything that others may wait for? */
export function holdsLocks(memory: Memory, ctx: Ptr): boolean {
  return memory.load(ctx + WwAcquireCtx.acquired) !== 0;
}
