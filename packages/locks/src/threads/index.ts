/**
 * Locks for ordinary programs: worker threads that share a SharedArrayBuffer, no machine around them.
 * Blocking where a thread may block, promises where it must not.
 */
export { Barrier } from './barrier.ts';
export type { Passed } from './barrier.ts';
export { Condition } from './condition.ts';
export { Mutex } from './mutex.ts';
export type { Held, MutexOptions } from './mutex.ts';
export type { Place } from './place.ts';
export { RwLock } from './rw-lock.ts';
export { Semaphore } from './semaphore.ts';
export type { SpinOptions } from './waiting.ts';
