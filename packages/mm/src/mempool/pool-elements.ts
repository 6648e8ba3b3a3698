/** Elements of a pool, from the allocator that its kind names. */
import { isSleeps } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { alreadyDone } from '../already-done.ts';
import { __GFP_ZERO, gfp } from '../gfp.ts';
import type { AtomicGfp, Gfp, SleepingGfp } from '../gfp.ts';
import { allocPages, freePages } from '../page/index.ts';
import { kfree, kmalloc, kmemCacheAlloc, kmemCacheFree } from '../slab/index.ts';
import { Mempool, PoolKind } from './mempool-layout.ts';
import type { PoolKindCode } from './mempool-layout.ts';

/** Without sleeping. 0: the allocator has none. */
export function elementNow(cpu: Cpu, pool: Ptr, flags: AtomicGfp): Ptr {
  const data = cpu.memory.read(pool + Mempool.data);
  switch (kindOf(cpu, pool)) {
    case PoolKind.functions:
      return callAlloc(cpu, pool, flags, data) as Ptr;
    case PoolKind.page:
      return allocPages(cpu, flags, data);
    case PoolKind.kmalloc:
      return kmalloc(cpu, data, flags);
    case PoolKind.kzalloc:
      return kmalloc(cpu, data, gfp(flags, __GFP_ZERO));
    case PoolKind.slab:
      return kmemCacheAlloc(cpu, data, flags);
  }
}

/** The allocator may reclaim. 0: it still has none. */
export function elementSleeping(cpu: Cpu, pool: Ptr, flags: SleepingGfp): Sleeps<Ptr> {
  const data = cpu.memory.read(pool + Mempool.data);
  switch (kindOf(cpu, pool)) {
    case PoolKind.functions: {
      const element = callAlloc(cpu, pool, flags, data);
      return isSleeps(element) ? (element as Sleeps<Ptr>) : alreadyDone(element as Ptr);
    }
    case PoolKind.page:
      return allocPages(cpu, flags, data);
    case PoolKind.kmalloc:
      return kmalloc(cpu, data, flags);
    case PoolKind.kzalloc:
      return kmalloc(cpu, data, gfp(flags, __GFP_ZERO));
    case PoolKind.slab:
      return kmemCacheAlloc(cpu, data, flags);
  }
}

/** Back to the allocator. */
export function freeElement(cpu: Cpu, pool: Ptr, element: Ptr): void {
  const data = cpu.memory.read(pool + Mempool.data);
  switch (kindOf(cpu, pool)) {
    case PoolKind.functions:
      return void cpu.text.call(cpu.memory.read(pool + Mempool.freeFn), element, data);
    case PoolKind.page:
      return freePages(cpu, element, data);
    case PoolKind.kmalloc:
    case PoolKind.kzalloc:
      return kfree(cpu, element);
    case PoolKind.slab:
      return kmemCacheFree(cpu, data, element);
  }
}

function callAlloc(cpu: Cpu, pool: Ptr, flags: Gfp, data: number): unknown {
  return cpu.text.call(cpu.memory.read(pool + Mempool.allocFn), flags, data);
}

function kindOf(cpu: Cpu, pool: Ptr): PoolKindCode {
  return cpu.memory.read(pool + Mempool.kind) as PoolKindCode;
}
