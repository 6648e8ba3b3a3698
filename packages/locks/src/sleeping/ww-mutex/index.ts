export { wwAcquireDone, wwAcquireFini, wwAcquireInit, wwClassInit } from './context.ts';
export type { WwPolicy } from './context.ts';
export { WwAcquireCtx, WwClass, WwMutex } from './layout.ts';
export {
  wwMutexDestroy,
  wwMutexInit,
  wwMutexIsLocked,
  wwMutexLock,
  wwMutexLockInterruptible,
  wwMutexLockSlow,
  wwMutexLockSlowInterruptible,
  wwMutexTrylock,
  wwMutexUnlock,
} from './ww-mutex.ts';
