export { RtMutex } from './layout.ts';
export {
  rtMutexDestroy,
  rtMutexInit,
  rtMutexIsLocked,
  rtMutexLock,
  rtMutexLockInterruptible,
  rtMutexLockKillable,
  rtMutexLockNested,
  rtMutexLockNestLock,
  rtMutexTimedLock,
  rtMutexTrylock,
  rtMutexUnlock,
} from './rt-mutex.ts';
