/** A pool of one element over an allocator that has nothing: whoever gets an element got it from the pool. */
import type { World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';

import { Mempool, mempoolFree } from '../../mempool/index.ts';
import { initPool } from '../../mempool/create.ts';
import { PoolKind } from '../../mempool/mempool-layout.ts';
import { warmUpSleep } from '../warm-up-sleep.ts';

const NOTHING = 'explored_alloc_nothing';
const LEAK = 'explored_free';

export interface PoolState {
  readonly pool: Ptr;
  /** `count` elements, of which the pool may hold some. */
  readonly elements: readonly Ptr[];
}

/** A pool of `min`, `full` of them in it. */
export function poolState(
  world: World<Cpu>,
  min: number,
  full: number,
  count: number = min,
): PoolState {
  warmUpSleep(world);
  const { cpus, alloc } = world;
  const [cpu] = cpus;
  let allocFn = 0;
  let freeFn = 0;
  for (const one of cpus) {
    allocFn = one.text.define(NOTHING, () => 0);
    freeFn = one.text.define(LEAK, () => undefined);
  }
  const pool = alloc(Mempool.size);
  initPool(cpu!, pool, min, alloc(count * 4), {
    kind: PoolKind.functions,
    data: 0,
    allocFn,
    freeFn,
  });
  const elements = Array.from({ length: count }, () => alloc(4));
  for (const element of elements.slice(0, full)) mempoolFree(cpu!, pool, element);
  return { pool, elements };
}

/** For `after`: the pool holds what it should. */
export function expectInPool({ memory }: World<Cpu>, pool: Ptr, expected: number): void {
  const curr = memory.load(pool + Mempool.curr);
  if (curr !== expected) throw new Error(`${curr} elements are in the pool, not ${expected}`);
}
