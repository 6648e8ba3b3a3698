/**
 * What an allocation and its free cost a CPU that nobody disturbs. ns for the pair.
 *
 *   npm run bench -w @percpu/mm
 *
 * The rows take turns, so that what else the host does meets all of them; the least of all rounds is given,
 * and the median beside it.
 */
import { attachCpu, bringUpMachine, startCpu } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { createMemory } from '@percpu/memory';
import {
  allocPages,
  freePages,
  GFP_KERNEL,
  GFP_NOWAIT,
  kfree,
  kmalloc,
  kmemCacheAlloc,
  kmemCacheCreate,
  kmemCacheFree,
  mempoolAlloc,
  mempoolCreatePagePool,
  mempoolFree,
  mmView,
} from '../../src/index.ts';

const CALLS = 1 << 16;
const ROUNDS = 40;
const WARM_UP = 4;

const memory = createMemory({ bytes: 32 << 20, checked: false });
bringUpMachine(memory, { cpus: 1 });
const cpu: Cpu = attachCpu(memory, 0);
startCpu(cpu, { hostWork: false, exit: false, outstanding: 0 });
mmView(cpu);
const cache = kmemCacheCreate(cpu, 'bench', 64);
const pool = cpu.block(mempoolCreatePagePool(cpu, 4, 0));

// A loop of its own for each row: one shared by all would be compiled for the mixture.
const rows: readonly (readonly [string, () => void])[] = [
  [
    'page, GFP_NOWAIT',
    () => {
      for (let i = 0; i < CALLS; i++) freePages(cpu, allocPages(cpu, GFP_NOWAIT, 0), 0);
    },
  ],
  ['page, GFP_KERNEL', () => void sleepingPages().next()],
  [
    'block of two pages',
    () => {
      for (let i = 0; i < CALLS; i++) freePages(cpu, allocPages(cpu, GFP_NOWAIT, 1), 1);
    },
  ],
  [
    'slab object',
    () => {
      for (let i = 0; i < CALLS; i++)
        kmemCacheFree(cpu, cache, kmemCacheAlloc(cpu, cache, GFP_NOWAIT));
    },
  ],
  [
    'kmalloc of 64 bytes',
    () => {
      for (let i = 0; i < CALLS; i++) kfree(cpu, kmalloc(cpu, 64, GFP_NOWAIT));
    },
  ],
  [
    'mempool of pages',
    () => {
      for (let i = 0; i < CALLS; i++) mempoolFree(cpu, pool, mempoolAlloc(cpu, pool, GFP_NOWAIT));
    },
  ],
];

function* sleepingPages(): Sleeps<void> {
  for (let i = 0; i < CALLS; i++) freePages(cpu, yield* allocPages(cpu, GFP_KERNEL, 0), 0);
}

const times = rows.map((): number[] => []);
for (let round = -WARM_UP; round < ROUNDS; round++) {
  for (const [index, [, run]] of rows.entries()) {
    const before = performance.now();
    run();
    const ns = ((performance.now() - before) * 1e6) / CALLS;
    if (round >= 0) times[index]!.push(ns);
  }
}
console.log(`${process.version}, backend ${memory.backend}, ns: least, median of ${ROUNDS} rounds`);
for (const [index, [name]] of rows.entries()) {
  const sorted = times[index]!.sort((a, b) => a - b);
  const [least, median] = [sorted[0]!, sorted[sorted.length >> 1]!];
  console.log(`${name.padEnd(26)}${least.toFixed(1).padStart(6)}${median.toFixed(1).padStart(8)}`);
}
