/** Programs of the tests on real threads. */
import type { Cpu, Sleeps } from '@percpu/machine';
import { PAGE_SIZE } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import {
  allocPages,
  buddyInfo,
  freePages,
  GFP_KERNEL,
  GFP_NOWAIT,
  mempoolAlloc,
  mempoolCreatePagePool,
  mempoolDestroy,
  mempoolFree,
  pageAddress,
  pagesOnList,
  reportPageLeaks,
  zoneInfo,
} from '../../src/index.ts';
import { drainAllPages } from '../../src/page/per-cpu-lists.ts';
import { mmView } from '../../src/page/mm-view.ts';

export interface StormArgs {
  readonly rounds: number;
}

/** Allocates blocks of all small orders, marks them, looks at the marks, frees them; some on the next turn. */
export function* storm(cpu: Cpu, { rounds }: StormArgs): Sleeps<number> {
  const { memory } = cpu;
  const held: { page: Ptr; order: number; mark: number }[] = [];
  let failed = 0;
  for (let i = 0; i < rounds; i++) {
    const order = (i * 7 + cpu.id) % 4;
    const page =
      i % 3 === 0 ? yield* allocPages(cpu, GFP_KERNEL, order) : allocPages(cpu, GFP_NOWAIT, order);
    if (page === 0) failed++;
    else {
      const mark = cpu.id * rounds + i;
      const at = pageAddress(cpu, page);
      memory.write(at, mark);
      memory.write(at + PAGE_SIZE * 2 ** order - 4, mark);
      held.push({ page, order, mark });
    }
    if (held.length < 6 && page !== 0) continue;
    const one = held.splice(i % Math.max(1, held.length), 1)[0];
    if (one !== undefined) release(cpu, one);
    if (i % 16 === 0) yield;
  }
  for (const one of held) release(cpu, one);
  return failed;
}

function release(
  cpu: Cpu,
  { page, order, mark }: { page: Ptr; order: number; mark: number },
): void {
  const at = pageAddress(cpu, page);
  const found = [cpu.memory.read(at), cpu.memory.read(at + PAGE_SIZE * 2 ** order - 4)];
  if (found.some((word) => word !== mark))
    throw new Error(`a page of CPU ${cpu.id} holds ${found.join()}, not ${mark}`);
  freePages(cpu, page, order);
}

/** After all others: nothing is missing. */
export function report(cpu: Cpu): { free: number; pages: number; leaks: number; info: string } {
  drainAllPages(cpu, mmView(cpu));
  const { free, pages } = zoneInfo(cpu);
  let listed = 0;
  for (let id = 0; id < cpu.nrCpus; id++) listed += pagesOnList(cpu, id);
  return { free: free + listed, pages, leaks: reportPageLeaks(cpu).length, info: buddyInfo(cpu) };
}

export function* makePool(cpu: Cpu, { min }: { min: number }): Sleeps<{ pool: Ptr }> {
  const pool = yield* mempoolCreatePagePool(cpu, min, 0);
  while (allocPages(cpu, GFP_NOWAIT, 0) !== 0);
  return { pool };
}

/** More tasks than elements: whoever has none sleeps. */
export function* usePool(
  cpu: Cpu,
  { pool, rounds }: { pool: Ptr; rounds: number },
): Sleeps<number> {
  const { memory } = cpu;
  for (let i = 0; i < rounds; i++) {
    const page = yield* mempoolAlloc(cpu, pool, GFP_KERNEL);
    const at = pageAddress(cpu, page);
    memory.write(at, cpu.id);
    yield;
    if (memory.read(at) !== cpu.id) throw new Error('somebody else has the element too');
    mempoolFree(cpu, pool, page);
  }
  return rounds;
}

export function destroyPool(cpu: Cpu, { pool }: { pool: Ptr }): void {
  mempoolDestroy(cpu, pool);
}
