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
