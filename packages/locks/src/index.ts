export * from './spin/index.ts';
export * from './sleeping/index.ts';
export * from './counting/index.ts';
export { LockFlag, SUBCLASS_SHIFT } from './lock-flags.ts';
