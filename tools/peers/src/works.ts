/** What the locks are made to do. An operation is always: lock, plain increment, unlock. */
import { availableParallelism } from 'node:os';

export interface Work {
  readonly work: string;
  readonly threads: number;
  readonly about: string;
}

export const WORKS: readonly Work[] = [
  { work: 'uncontended', threads: 1, about: 'one thread, a lock that nobody else wants' },
  { work: 'contended', threads: 2, about: 'two threads, one lock, as fast as they can' },
  { work: 'contended-4', threads: 4, about: 'four threads, one lock, as fast as they can' },
  { work: 'contended-8', threads: 8, about: 'eight threads, one lock, as fast as they can' },
];

/** More threads than cores: part of what is measured is the scheduler of the host. */
export function isOversubscribed(threads: number, cores: number = availableParallelism()): boolean {
  return threads > cores;
}
