/**
 * Sequence counter: readers that write nothing. They read, and read again if a writer was there meanwhile. Linux: seqcount_t (Stephen
 * Hemminger 2003, after Keith Owens and Andrea Arcangeli); the idea is that of Lamport (1977) with one number instead of two.
 *
 *   sequence   even: nobody writes     odd: somebody does
 *
 *   writer                          reader
 *   B1 sequence = s + 1  (odd)      R1 s = sequence, waits while that is odd
 *   B2 store data …                 R2 load data …
 *   B3 sequence = s + 2  (even)     R3 sequence still s? else R1
 *
 * Never torn: a reader that loads something of B2 in R2 finds B1 in R3, or a later number. If R1 found B3, then all of B2 is
 * there. Nothing is needed between the steps: atomic accesses are sequentially consistent.
 *
 * **Data under a sequence counter is accessed atomically**: `load` on the reading side, `store` on the writing side. A reader
 * throws away what it read beside a writer, but it has read it. A plain access there is a data race, in the language as in Linux (where the
 * word is READ_ONCE), and the race detector reports it. Pointers among the data may point to what is gone: look at R3 before following one.
 *
 * Writers keep each other out by other means, and preemption off: by a lock (seqlock.ts, `seqcountOf`). A reader that interrupts a
 * writer on its own CPU waits for ever; where interrupts read, writers turn them off, or use a latch (seqcount-latch.ts).
 */
import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import type { SpinLockType } from '../spin/spin-lock-type.ts';

const fields = { sequence: 'u32' } as const;

/** Linux: seqcount_t. All words 0: never written. */
export const SeqCount: Layout<typeof fields> = layout(fields, { name: 'SeqCount' });

/** Linux: seqcount_init(). Nobody reads or writes. */
export function seqcountInit({ memory }: Cpu, at: Ptr): void {
  memory.store(at + SeqCount.sequence, 0);
  memory.describe(at, SeqCount);
}

/** Linux: read_seqcount_begin(). R1: returns the number for `readSeqcountRetry`. Any context but those that interrupt a writer on its own CPU. */
export function readSeqcountBegin(cpu: Cpu, at: Ptr): number {
  let seen = cpu.memory.load(at + SeqCount.sequence);
  while ((seen & 1) !== 0) seen = cpu.waitWhileEquals(at + SeqCount.sequence, seen);
  return seen;
}

/** Linux: raw_seqcount_begin(). As R1 but never waits: beside a writer the retry will fail. Any context. */
export function rawSeqcountBegin({ memory }: Cpu, at: Ptr): number {
  return (memory.load(at + SeqCount.sequence) & ~1) >>> 0;
}

/** Linux: read_seqcount_retry(). R3. True: what was read since `start` may be torn and is to be read again. */
export function readSeqcountRetry({ memory }: Cpu, at: Ptr, start: number): boolean {
  return memory.load(at + SeqCount.sequence) !== start;
}

/** Linux: write_seqcount_begin(). B1. Preemption is off, and no other writer comes meanwhile. */
export function writeSeqcountBegin(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  const sequence = memory.load(at + SeqCount.sequence);
  if (memory.checked) checkWriter(cpu, at, sequence);
  memory.store(at + SeqCount.sequence, (sequence + 1) >>> 0);
}

/** Linux: write_seqcount_end(). B3. */
export function writeSeqcountEnd(cpu: Cpu, at: Ptr): void {
  const { memory } = cpu;
  const sequence = memory.load(at + SeqCount.sequence);
  if (memory.checked && (sequence & 1) === 0)
    bug(cpu, `write_seqcount_end without write_seqcount_begin, seqcount: ${hex(at)}`);
  memory.store(at + SeqCount.sequence, (sequence + 1) >>> 0);
  cpu.unpark(at + SeqCount.sequence);
}

function checkWriter(cpu: Cpu, at: Ptr, sequence: number): void {
  if (!cpu.inAtomic()) bug(cpu, `write_seqcount_begin with preemption on, seqcount: ${hex(at)}`);
  if ((sequence & 1) !== 0)
    bug(cpu, `write_seqcount_begin while another writer is inside, seqcount: ${hex(at)}`);
}

const lockedFields = { count: SeqCount, lock: 'ptr' } as const;

/** Linux: seqcount_spinlock_t. A sequence counter that knows the lock of its writers. */
export const SeqCountLocked: Layout<'count' | 'lock'> = layout(lockedFields, {
  name: 'SeqCountLocked',
});

/** The writing side of a `SeqCountLocked`; readers use `readSeqcountBegin` and `readSeqcountRetry`. */
export interface LockedSeqcount {
  /** Linux: seqcount_spinlock_init(). `lock` is one of the type. */
  readonly init: (cpu: Cpu, at: Ptr, lock: Ptr) => void;
  /** As `writeSeqcountBegin`. On checked memory a BUG unless the lock is held. */
  readonly writeBegin: (cpu: Cpu, at: Ptr) => void;
  readonly writeEnd: (cpu: Cpu, at: Ptr) => void;
}

/** Linux: SEQCOUNT_LOCKNAME(). Sequence counters whose writers hold a lock of `type`. */
export function seqcountOf(type: SpinLockType): LockedSeqcount {
  return Object.freeze<LockedSeqcount>({
    init(cpu: Cpu, at: Ptr, lock: Ptr): void {
      seqcountInit(cpu, at + SeqCountLocked.count);
      cpu.memory.write(at + SeqCountLocked.lock, lock);
      cpu.memory.describe(at, SeqCountLocked);
    },
    writeBegin(cpu: Cpu, at: Ptr): void {
      const { memory } = cpu;
      if (memory.checked && !type.isLocked(cpu, memory.read(at + SeqCountLocked.lock)))
        bug(
          cpu,
          `write_seqcount_begin without the ${type.name} lock of its writers, seqcount: ${hex(at)}`,
        );
      writeSeqcountBegin(cpu, at + SeqCountLocked.count);
    },
    writeEnd: (cpu, at) => writeSeqcountEnd(cpu, at + SeqCountLocked.count),
  });
}
