/**
 * Latch: a sequence counter whose readers never wait, not even on top of the writer they interrupted. Linux: seqcount_latch_t
 * (Mathieu Desnoyers and Peter Zijlstra 2014). There are two copies of the data, and the lowest bit says which one to read.
 *
 *   writer                             reader
 *   L1 sequence += 1 (odd)             R1 s = sequence
 *   L2 change copy 0                   R2 load copy s & 1
 *   L3 sequence += 1 (even)            R3 sequence still s? else R1
 *   L4 change copy 1
 *
 * Whoever comes while copy 0 changes reads copy 1, and the other way round. Who is slow enough for both to have changed finds another
 * number in R3. Copies are accessed atomically, for the same reason as in seqcount.ts.
 */
import type { Cpu } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';

const fields = { sequence: 'u32' } as const;

/** Linux: seqcount_latch_t. All words 0: never written; both copies are alike. */
export const SeqCountLatch: Layout<typeof fields> = layout(fields, { name: 'SeqCountLatch' });

/** Linux: seqcount_latch_init(). */
export function seqcountLatchInit({ memory }: Cpu, at: Ptr): void {
  memory.store(at + SeqCountLatch.sequence, 0);
  memory.describe(at, SeqCountLatch);
}

/** Linux: raw_read_seqcount_latch(). Returns the number; read copy `number & 1`. Any context, NMI too. */
export function readSeqcountLatch({ memory }: Cpu, at: Ptr): number {
  return memory.load(at + SeqCountLatch.sequence);
}

/** Linux: raw_read_seqcount_latch_retry(). True: read again. */
export function readSeqcountLatchRetry({ memory }: Cpu, at: Ptr, start: number): boolean {
  return memory.load(at + SeqCountLatch.sequence) !== start;
}

/** Linux: raw_write_seqcount_latch(). L1 and L3: call it, change copy 0, call it again, change copy 1. One writer at a time. */
export function writeSeqcountLatch({ memory }: Cpu, at: Ptr): void {
  memory.store(at + SeqCountLatch.sequence, (memory.load(at + SeqCountLatch.sequence) + 1) >>> 0);
}
