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
export {
  queued,
  queuedIsLocked,
  QueuedLock,
  queuedLock,
  queuedTrylock,
  queuedUnlock,
} from './queued-lock.ts';
export { cna, cnaIsLocked, cnaLock, cnaTrylock, cnaUnlock } from './cna-lock.ts';
export {
  clh,
  clhDestroy,
  clhIsLocked,
  ClhLock,
  clhLock,
  clhTrylock,
  clhUnlock,
} from './clh-lock.ts';
export { bitSpinIsLocked, bitSpinLock, bitSpinTrylock, bitSpinUnlock } from './bit-lock.ts';
export {
  LocalLock,
  localLock,
  localLockBh,
  localLockIrqsave,
  localLockIsLocked,
  localTrylock,
  localTrylockIrqsave,
  localUnlock,
  localUnlockBh,
  localUnlockIrqrestore,
} from './local-lock.ts';
