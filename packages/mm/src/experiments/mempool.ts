/** What does a memory pool cost while its allocator has memory, and when it has none? */
import { experiment, pastHostCores, powersOfTwo } from '@percpu/experiment';
import type { Experiment } from '@percpu/experiment';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { GFP_KERNEL } from '../gfp.ts';
import { mempoolCreate, mempoolCreatePagePool } from '../mempool/create.ts';
import { Mempool } from '../mempool/mempool-layout.ts';
import { mempoolAlloc, mempoolFree } from '../mempool/mempool.ts';
import { allocPages } from '../page/alloc-pages.ts';
import { freePages } from '../page/free-pages.ts';
import { mmView } from '../page/mm-view.ts';

interface Variant {
  readonly create: (cpu: Cpu, min: number) => Sleeps<Ptr>;
}

/** Pairs of alloc and free per call of `body`. */
const BATCH = 32;
const ALLOC_ONCE = 'mempool_experiment_alloc';
const FREE = 'mempool_experiment_free';

/** An allocator that has as many pages as a pool is filled with, and then none. */
function* emptyAllocator(cpu: Cpu, min: number): Sleeps<Ptr> {
  let left = min;
  const allocFn = cpu.text.define(ALLOC_ONCE, (on) =>
    left-- > 0 ? allocPages(on, GFP_KERNEL, 0) : 0,
  );
  const freeFn = cpu.text.define(FREE, (on, page) => freePages(on, page, 0));
  return yield* mempoolCreate(cpu, min, allocFn, freeFn, 0);
}

export const mempool: Experiment = experiment({
  name: 'mempool',
  title: 'Memory pools',
  description:
    'Every CPU takes an element and gives it back: a page while there are pages, so that the pool is only asked whether it ' +
    'lacks one; or an element of the pool, when the allocator has none. Expect the second to queue for the lock of the pool.',
  unit: 'pairs of alloc and free',
  variants: {
    'allocator-has': { create: (cpu, min) => mempoolCreatePagePool(cpu, min, 0) },
    'allocator-empty': { create: emptyAllocator },
  } satisfies Record<string, Variant>,
  cpus: { parallel: pastHostCores, model: powersOfTwo(1, 64) },
  report: ['perSecond', 'nsPerOp', 'fairness'],

  *setup(cpu: Cpu, { variant, cpus }): Sleeps<Ptr> {
    const pool = yield* variant.create(cpu, 2 * cpus);
    if (pool === 0) throw new Error('mempool: no memory for the pool');
    return pool;
  },
  prepare: (cpu: Cpu): void => {
    mmView(cpu);
    // Those that did not create the pool: to them its allocator was always empty.
    if (cpu.id === 0) return;
    cpu.text.define(ALLOC_ONCE, () => 0);
    cpu.text.define(FREE, (on, page) => freePages(on, page, 0));
  },
  *body(cpu: Cpu, pool, { batch }): Sleeps<number> {
    const pairs = batch(BATCH);
    for (let i = 0; i < pairs; i++)
      mempoolFree(cpu, pool, yield* mempoolAlloc(cpu, pool, GFP_KERNEL));
    return pairs;
  },
  verify: ({ memory }: Cpu, pool, { cpus }) => {
    const curr = memory.load(pool + Mempool.curr);
    if (curr !== 2 * cpus) throw new Error(`mempool: ${curr} elements of ${2 * cpus} are left`);
  },
});
