/** Making pools, changing their size, giving them back. */
import { initWaitQueue, ttas } from '@percpu/locks';
import { bug, Errno } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Memory, Ptr } from '@percpu/memory';
import { GFP_KERNEL } from '../gfp.ts';
import { MAX_ORDER } from '../page/index.ts';
import { kfree, kmalloc } from '../slab/index.ts';
import { MAX_ELEMENTS, Mempool, PoolKind } from './mempool-layout.ts';
import type { PoolKindCode } from './mempool-layout.ts';
import { elementSleeping, freeElement } from './pool-elements.ts';
import { lockPool, popElement, pushElement, unlockPool } from './pool-steps.ts';

/**
 * Linux: mempool_create(). A pool over functions in kernel text, which every CPU that uses the pool has defined:
 * `(cpu, flags, data)` returns an element or 0, as a generator where it sleeps, and only with flags that may;
 * `(cpu, element, data)` takes one back. May sleep.
 */
export function mempoolCreate(
  cpu: Cpu,
  min: number,
  allocFn: Ptr,
  freeFn: Ptr,
  data: number,
): Sleeps<Ptr> {
  return create(cpu, min, { kind: PoolKind.functions, data, allocFn, freeFn });
}

/** Linux: mempool_create_page_pool(). `min` blocks of 2^order pages. 0: there is no memory for them. May sleep; so may the others. */
export function mempoolCreatePagePool(cpu: Cpu, min: number, order: number): Sleeps<Ptr> {
  if (!Number.isInteger(order) || order < 0 || order > MAX_ORDER) {
    bug(
      cpu,
      `mempoolCreatePagePool: order ${order}; accepted are whole numbers from 0 to ${MAX_ORDER}`,
    );
  }
  return create(cpu, min, { kind: PoolKind.page, data: order });
}

/** Linux: mempool_create_kmalloc_pool(). `min` times `size` bytes of kmalloc. */
export function mempoolCreateKmallocPool(cpu: Cpu, min: number, size: number): Sleeps<Ptr> {
  return create(cpu, min, { kind: PoolKind.kmalloc, data: size });
}

/**
 * Linux: mempool_create_kzalloc_pool() (2.6.17 to 2.6.34). As the kmalloc pool, with new elements zeroed. One that
 * was given back to the pool comes out as it went in: not zeroed again. That is why Linux has no such pools any more.
 */
export function mempoolCreateKzallocPool(cpu: Cpu, min: number, size: number): Sleeps<Ptr> {
  return create(cpu, min, { kind: PoolKind.kzalloc, data: size });
}

/** Linux: mempool_create_slab_pool(). `min` objects of `cache`. */
export function mempoolCreateSlabPool(cpu: Cpu, min: number, cache: Ptr): Sleeps<Ptr> {
  return create(cpu, min, { kind: PoolKind.slab, data: cache });
}

/**
 * Linux: mempool_destroy(). All elements are back: a pool that holds fewer than its minimum is a BUG, for
 * somebody would give one back to memory that is no pool any more. Nobody uses the pool. Task context.
 */
export function mempoolDestroy(cpu: Cpu, pool: Ptr): void {
  const { memory } = cpu;
  const curr = memory.load(pool + Mempool.curr);
  const min = memory.load(pool + Mempool.min);
  if (curr !== min) {
    bug(
      cpu,
      `mempoolDestroy: ${min - curr} of the ${min} elements of pool ${hex(pool)} are still out`,
    );
  }
  empty(cpu, pool);
}

/**
 * Linux: mempool_resize(). The pool keeps `min` elements (1 …) from now on. Returns 0, or -ENOMEM with the pool as it
 * was. If elements to fill it up are not to be had, frees will. May sleep. Not together with another resize.
 */
export function* mempoolResize(cpu: Cpu, pool: Ptr, min: number): Sleeps<number> {
  checkMin(cpu, 'mempoolResize', min);
  const { memory } = cpu;
  if (min > memory.load(pool + Mempool.min)) {
    const elements = yield* kmalloc(cpu, min * 4, GFP_KERNEL);
    if (elements === 0) return Errno.ENOMEM;
    const old = replaceArray(cpu, pool, elements, min);
    kfree(cpu, old);
    yield* fill(cpu, pool);
    return 0;
  }
  shrinkTo(cpu, pool, min);
  return 0;
}

/** Of whoever frees meanwhile some go past the pool, which is then full. */
function shrinkTo(cpu: Cpu, pool: Ptr, min: number): void {
  const flags = lockPool(cpu, pool);
  cpu.memory.store(pool + Mempool.min, min);
  unlockPool(cpu, pool, flags);
  for (let element = surplus(cpu, pool, min); element !== 0; element = surplus(cpu, pool, min))
    freeElement(cpu, pool, element);
}

/** An element above `min`; 0: there is none. */
function surplus(cpu: Cpu, pool: Ptr, min: number): Ptr {
  const { memory } = cpu;
  const flags = lockPool(cpu, pool);
  const element = memory.load(pool + Mempool.curr) > min ? popElement(memory, pool) : 0;
  unlockPool(cpu, pool, flags);
  return element;
}

/** Where the elements of a pool come from. */
export interface Source {
  readonly kind: PoolKindCode;
  readonly data: number;
  readonly allocFn?: Ptr;
  readonly freeFn?: Ptr;
}

function* create(cpu: Cpu, min: number, source: Source): Sleeps<Ptr> {
  checkMin(cpu, 'mempoolCreate', min);
  const pool = yield* kmalloc(cpu, Mempool.size, GFP_KERNEL);
  if (pool === 0) return 0;
  const elements = yield* kmalloc(cpu, min * 4, GFP_KERNEL);
  if (elements === 0) {
    kfree(cpu, pool);
    return 0;
  }
  initPool(cpu, pool, min, elements, source);
  if (yield* fill(cpu, pool)) return pool;
  empty(cpu, pool);
  return 0;
}

/** An empty pool at `pool`, of whoever owns that memory and `elements`, an array of `min` words. Linux: mempool_init_node(). */
export function initPool(cpu: Cpu, pool: Ptr, min: number, elements: Ptr, source: Source): void {
  const { memory } = cpu;
  const { kind, data, allocFn = 0, freeFn = 0 } = source;
  ttas.init(cpu, pool + Mempool.lock);
  initWaitQueue(cpu, pool + Mempool.wait);
  memory.store(pool + Mempool.curr, 0);
  memory.store(pool + Mempool.min, min);
  memory.write(pool + Mempool.elements, elements);
  memory.write(pool + Mempool.kind, kind);
  memory.write(pool + Mempool.data, data);
  memory.write(pool + Mempool.allocFn, allocFn);
  memory.write(pool + Mempool.freeFn, freeFn);
  memory.describe(pool, Mempool, 'pool');
}

/** False: memory ran out before the pool was full. */
function* fill(cpu: Cpu, pool: Ptr): Sleeps<boolean> {
  const { memory } = cpu;
  for (let left = lacking(memory, pool); left > 0; left--) {
    const element = yield* elementSleeping(cpu, pool, GFP_KERNEL);
    if (element === 0) return false;
    const flags = lockPool(cpu, pool);
    const kept = pushElement(memory, pool, element);
    unlockPool(cpu, pool, flags);
    // Somebody gave one back meanwhile.
    if (!kept) freeElement(cpu, pool, element);
  }
  return true;
}

/** Elements that the pool could still keep. */
function lacking(memory: Memory, pool: Ptr): number {
  return memory.load(pool + Mempool.min) - memory.load(pool + Mempool.curr);
}

/** Returns the array that was there. */
function replaceArray(cpu: Cpu, pool: Ptr, elements: Ptr, min: number): Ptr {
  const { memory } = cpu;
  const flags = lockPool(cpu, pool);
  const old = memory.read(pool + Mempool.elements);
  memory.copy(elements, old, memory.load(pool + Mempool.curr) * 4);
  memory.write(pool + Mempool.elements, elements);
  memory.store(pool + Mempool.min, min);
  unlockPool(cpu, pool, flags);
  return old;
}

function empty(cpu: Cpu, pool: Ptr): void {
  const { memory } = cpu;
  for (;;) {
    const element = popElement(memory, pool);
    if (element === 0) break;
    freeElement(cpu, pool, element);
  }
  kfree(cpu, memory.read(pool + Mempool.elements));
  kfree(cpu, pool);
}

function checkMin(cpu: Cpu, name: string, min: number): void {
  if (Number.isInteger(min) && min >= 1 && min <= MAX_ELEMENTS) return;
  bug(
    cpu,
    `${name}: a minimum of ${min} elements; accepted are whole numbers from 1 to ${MAX_ELEMENTS}`,
  );
}
