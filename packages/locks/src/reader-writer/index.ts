export { readLock, readTrylock, readUnlock, RwLock, rwlock } from './rwlock.ts';
export { writeLock, writeTrylock, writeUnlock } from './rwlock.ts';
export { rwLockType } from './rwlock-type.ts';
export type { RwLockAlgorithm, RwLockType } from './rwlock-type.ts';
