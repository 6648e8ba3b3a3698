export { lockKind } from './lock-kind.ts';
export type { LockKind, LockKindDefinition } from './lock-kind.ts';
export {
  debugCheckNoLocksFreed,
  isObserved,
  lockAbandoned,
  lockAcquire,
  lockAcquired,
  lockContended,
  lockDestroy,
  lockDowngraded,
  lockInit,
  lockRelease,
  lockTried,
} from './observe.ts';
