export { FifoArena, validateFifo } from './fifo-validator.ts';
export type { FifoValidation } from './fifo-validator.ts';
export { MAX_VIOLATIONS, SpinArena, validateSpinLock } from './spin-validator.ts';
export type { SpinValidation, SpinVerdict } from './spin-validator.ts';
export { SleepingArena, validateSleepingLock } from './sleeping-validator.ts';
export type { SleepingLockType, SleepingValidation } from './sleeping-validator.ts';
export { RwArena, validateRwLock } from './rw-validator.ts';
export type { RwValidation, RwVerdict } from './rw-validator.ts';
