/** A memory pool with fewer elements than tasks, over an allocator that has none: whoever comes too late sleeps. */
import { torture } from '@percpu/experiment';
import type { Torture, TortureContext } from '@percpu/experiment';
import type { Cpu, Sleeps } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { GFP_KERNEL } from '../gfp.ts';
import { initPool } from '../mempool/create.ts';
import { Mempool, PoolKind } from '../mempool/mempool-layout.ts';
import { mempoolAlloc, mempoolFree } from '../mempool/mempool.ts';
import { popElement } from '../mempool/pool-steps.ts';
import { mmView } from '../page/mm-view.ts';

const ELEMENTS = 2;
const NOTHING = 'mempool_torture_alloc';
const DROP = 'mempool_torture_free';

interface PoolTorture {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly take: (cpu: Cpu, pool: Ptr) => Sleeps<Ptr>;
  readonly mustFail?: RegExp;
}

/** Without the lock of the pool. */
function* takeUnlocked(cpu: Cpu, pool: Ptr): Sleeps<Ptr> {
  for (let tries = 0; tries < 100; tries++) {
    const element = popElement(cpu.memory, pool);
    if (element !== 0) return element;
    yield;
  }
  throw new Error('no element came back');
}

function defineFunctions(cpu: Cpu): { allocFn: Ptr; freeFn: Ptr } {
  return {
    allocFn: cpu.text.define(NOTHING, () => 0),
    freeFn: cpu.text.define(DROP, () => undefined),
  };
}

function poolTorture({ take, ...text }: PoolTorture): Torture {
  return torture<Cpu>({
    ...text,
    tasks: 3,
    setup(cpu, { alloc }) {
      mmView(cpu);
      const pool = alloc(Mempool.size);
      const source = { kind: PoolKind.functions, data: 0, ...defineFunctions(cpu) };
      initPool(cpu, pool, ELEMENTS, alloc(ELEMENTS * 4), source);
      for (let i = 0; i < ELEMENTS; i++) mempoolFree(cpu, pool, alloc(4));
      return pool;
    },
    *round(cpu, pool, { random, index, task, tasks }: TortureContext): Sleeps<void> {
      const { memory } = cpu;
      defineFunctions(cpu);
      const mark = 1 + index * tasks + task;
      const element = yield* take(cpu, pool);
      memory.write(element, mark);
      if (random.below(2) === 0) yield;
      else cpu.delay(random.below(2000));
      const found = memory.read(element);
      if (found !== mark) throw new Error(`the element of task ${mark} holds ${found}`);
      mempoolFree(cpu, pool, element);
    },
    verify({ memory }, pool) {
      const curr = memory.load(pool + Mempool.curr);
      if (curr !== ELEMENTS) throw new Error(`${curr} of ${ELEMENTS} elements are in the pool`);
    },
  });
}

export const mempoolTortures: readonly Torture[] = [
  poolTorture({
    name: 'mempool-torture',
    title: 'a memory pool of two elements, for all tasks',
    description: 'An element has one owner; who finds none sleeps, and is woken.',
    take: (cpu, pool) => mempoolAlloc(cpu, pool, GFP_KERNEL),
  }),
  poolTorture({
    name: 'mempool-torture-unlocked',
    title: 'busted twin: elements taken without the lock of the pool',
    description: 'Two tasks get the same element, or one gets lost.',
    take: takeUnlocked,
    mustFail: /holds \d+|no element came back|elements are in the pool/,
  }),
];
