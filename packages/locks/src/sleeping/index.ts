export { Mutex, mutexInit, mutexIsLocked, mutexLock, mutexTrylock, mutexUnlock } from './mutex.ts';
export {
  Completion,
  complete,
  completeAll,
  completionDone,
  initCompletion,
  reinitCompletion,
  tryWaitForCompletion,
  waitForCompletion,
  waitForCompletionTimeout,
} from './completion.ts';
export {
  finishWait,
  initWait,
  initWaitExclusive,
  initWaitQueue,
  prepareToWait,
  waitEvent,
  waitEventExclusive,
  waitEventTimeout,
  WaitQueue,
  waitQueueActive,
  wakeUp,
  wakeUpAll,
  wakeUpNr,
} from './wait-queue.ts';
