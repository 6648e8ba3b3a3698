// ── spin locks ────────────────────────────────────────────────────────────────────────────────
export { NOT_TAKEN, spinLockType } from './spin-lock-type.ts';
export type { SpinLockAlgorithm, SpinLockLayout, SpinLockType } from './spin-lock-type.ts';
export { tas, tasIsLocked, TasLock, tasLock, tasTrylock, tasUnlock } from './tas-lock.ts';
export { ttas, ttasIsLocked, TtasLock, ttasLock, ttasTrylock, ttasUnlock } from './ttas-lock.ts';
export {
  ticket,
  ticketIsLocked,
  TicketLock,
  ticketLock,
  ticketTrylock,
  ticketUnlock,
} from './ticket-lock.ts';
export { mcs, mcsIsLocked, McsLock, mcsLock, mcsTrylock, mcsUnlock } from './mcs-lock.ts';
export { LockFlag, SUBCLASS_SHIFT } from './lock-flags.ts';

// ── locks and queues that sleep ───────────────────────────────────────────────────────────────
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

// ── counters ──────────────────────────────────────────────────────────────────────────────────
export {
  PercpuCounter,
  percpuCounterAdd,
  percpuCounterAddBatch,
  percpuCounterBatch,
  percpuCounterCompare,
  percpuCounterInit,
  percpuCounterRead,
  percpuCounterReadPositive,
  percpuCounterSet,
  percpuCounterSum,
} from './percpu-counter.ts';
export {
  perCpuSum,
  perCpuSum64,
  thisCpuAdd,
  thisCpuAdd64,
  thisCpuInc,
  thisCpuPtr,
} from './this-cpu.ts';
