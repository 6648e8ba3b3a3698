export { readLock, readTrylock, readUnlock, RwLock, rwlock } from './rwlock.ts';
export { writeLock, writeTrylock, writeUnlock } from './rwlock.ts';
export { rwLockType } from './rwlock-type.ts';
export type { RwLockAlgorithm, RwLockType } from './rwlock-type.ts';
export {
  rawSeqcountBegin,
  readSeqcountBegin,
  readSeqcountRetry,
  SeqCount,
  seqcountInit,
  SeqCountLocked,
  seqcountOf,
  writeSeqcountBegin,
  writeSeqcountEnd,
} from './seqcount.ts';
export type { LockedSeqcount } from './seqcount.ts';
export {
  readSeqcountLatch,
  readSeqcountLatchRetry,
  SeqCountLatch,
  seqcountLatchInit,
  writeSeqcountLatch,
} from './seqcount-latch.ts';
export {
  doneSeqretry,
  needSeqretry,
  readSeqbegin,
  readSeqbeginOrLock,
  readSeqlockExcl,
  readSeqretry,
  readSequnlockExcl,
  SeqLock,
  seqlockExcl,
  seqlockInit,
  seqlockWrite,
  writeSeqlock,
  writeSequnlock,
} from './seqlock.ts';
export {
  downgradeWrite,
  downRead,
  downReadInterruptible,
  downReadKillable,
  downReadNested,
  downReadTrylock,
  downWrite,
  downWriteKillable,
  downWriteNested,
  downWriteNestLock,
  downWriteTrylock,
  initRwsem,
  RwSem,
  rwsem,
  rwsemDestroy,
  rwsemIsContended,
  rwsemIsLocked,
  upRead,
  upWrite,
} from './rwsem.ts';
export type { RwSleepingType } from './rw-sleeping-type.ts';
export {
  percpuDownRead,
  percpuDownReadTrylock,
  percpuDownWrite,
  percpuFreeRwsem,
  percpuInitRwsem,
  percpuIsReadLocked,
  percpuIsWriteLocked,
  PercpuRwsem,
  percpuRwsem,
  percpuRwsemIsLocked,
  percpuUpRead,
  percpuUpWrite,
} from './percpu-rwsem.ts';
