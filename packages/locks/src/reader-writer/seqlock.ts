/**
 * Sequence lock: a sequence counter with the spin lock of its writers in one struct. Readers write nothing and keep nobody out, so
 * they scale with the number of CPUs and never delay a writer; the price is that they read again when one was there, and a stream of
 * writers can keep them at it. `readSeqbeginOrLock` bounds that: the second time round it takes the lock.
 *
 * How data under it must be accessed: seqcount.ts. Linux: seqlock_t.
 */
import type { Cpu } from '@percpu/machine';
import { CACHE_LINE, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { assertFits } from '../assert-fits.ts';
import { spinLockType } from '../spin/spin-lock-type.ts';
import type { SpinLockAlgorithm, SpinLockType } from '../spin/spin-lock-type.ts';
import { ttas, TtasLock } from '../spin/ttas-lock.ts';
import {
  readSeqcountBegin,
  readSeqcountRetry,
  SeqCount,
  writeSeqcountBegin,
  writeSeqcountEnd,
} from './seqcount.ts';

const fields = {
  count: SeqCount,
  /** Of the writers, and of readers who want no writer. */
  lock: TtasLock,
  /** Of the debug mode. */
  magic: 'u32',
} as const;

/** Linux: seqlock_t. All words 0: free. */
export const SeqLock: Layout<'count' | 'lock' | 'magic'> = layout(fields, { name: 'SeqLock' });
assertFits(SeqLock, CACHE_LINE);

const inner: SpinLockAlgorithm = ttas.algorithm;
const LOCK = SeqLock.lock;

const common = {
  layout: SeqLock,
  family: 'seqlock',
  isLocked: (cpu: Cpu, at: Ptr): boolean => inner.isLocked(cpu, at + LOCK),
} as const;

/** Linux: write_seqlock() and its forms. */
export const seqlockWrite: SpinLockType = spinLockType({
  ...common,
  name: 'seqlock',
  lock(cpu: Cpu, at: Ptr): void {
    inner.lock(cpu, at + LOCK);
    writeSeqcountBegin(cpu, at + SeqLock.count);
  },
  trylock(cpu: Cpu, at: Ptr): boolean {
    if (!inner.trylock(cpu, at + LOCK)) return false;
    writeSeqcountBegin(cpu, at + SeqLock.count);
    return true;
  },
  unlock(cpu: Cpu, at: Ptr): void {
    // B3 of seqcount.ts first: the next writer finds an even number.
    writeSeqcountEnd(cpu, at + SeqLock.count);
    inner.unlock(cpu, at + LOCK);
  },
});

/** Linux: read_seqlock_excl() and its forms. A reader that keeps writers and its like out, but not the readers that only look. */
export const seqlockExcl: SpinLockType = spinLockType({
  ...common,
  name: 'seqlock-excl',
  lock: (cpu: Cpu, at: Ptr): void => inner.lock(cpu, at + LOCK),
  trylock: (cpu: Cpu, at: Ptr): boolean => inner.trylock(cpu, at + LOCK),
  unlock: (cpu: Cpu, at: Ptr): void => inner.unlock(cpu, at + LOCK),
});

/** Linux: seqlock_init(). Nobody reads or writes. */
export function seqlockInit(cpu: Cpu, at: Ptr): void {
  seqlockWrite.init(cpu, at);
}

/** Linux: read_seqbegin(). Returns the number for `readSeqretry`. Data is read by `load`. */
export function readSeqbegin(cpu: Cpu, at: Ptr): number {
  return readSeqcountBegin(cpu, at + SeqLock.count);
}

/** Linux: read_seqretry(). True: a writer was there, read again. */
export function readSeqretry(cpu: Cpu, at: Ptr, start: number): boolean {
  return readSeqcountRetry(cpu, at + SeqLock.count, start);
}

/**
 * Linux: read_seqbegin_or_lock(). `last` even: as `readSeqbegin`; odd: takes the lock. Pass 0 the first time round and 1 the second;
 * `needSeqretry` says whether there is one, `doneSeqretry` ends it.
 */
export function readSeqbeginOrLock(cpu: Cpu, at: Ptr, last: number): number {
  if ((last & 1) === 0) return readSeqbegin(cpu, at);
  seqlockExcl.lock(cpu, at);
  return last;
}

/** Linux: need_seqretry(). */
export function needSeqretry(cpu: Cpu, at: Ptr, sequence: number): boolean {
  return (sequence & 1) === 0 && readSeqretry(cpu, at, sequence);
}

/** Linux: done_seqretry(). */
export function doneSeqretry(cpu: Cpu, at: Ptr, sequence: number): void {
  if ((sequence & 1) !== 0) seqlockExcl.unlock(cpu, at);
}

export const writeSeqlock: SpinLockType['lock'] = seqlockWrite.lock;
export const writeSequnlock: SpinLockType['unlock'] = seqlockWrite.unlock;
export const readSeqlockExcl: SpinLockType['lock'] = seqlockExcl.lock;
export const readSequnlockExcl: SpinLockType['unlock'] = seqlockExcl.unlock;
