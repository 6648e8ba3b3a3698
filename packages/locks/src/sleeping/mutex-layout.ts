/** The words of a mutex, and the one way to take it. What they mean: mutex.ts. */
import { Task } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { ListHead } from '../list.ts';
import { OsqLock } from './osq-lock.ts';
import { WaitLock } from './wait-lock.ts';

const fields = {
  /** Atomic. The flags change under `lock` only, and so does the task while HANDOFF is set. */
  owner: 'u32',
  lock: WaitLock,
  /** Of WaitEntry, in order of arrival. Under `lock`. */
  waiters: ListHead,
  /** Those that spin for it. */
  osq: OsqLock,
  /** Of the debug mode. */
  magic: 'u32',
} as const;

/** Linux: struct mutex. All words 0 is a free mutex. */
export const Mutex: Layout<'owner' | 'lock' | 'waiters' | 'osq' | 'magic'> = layout(fields, {
  name: 'Mutex',
});

/** The list is not empty: the unlock has to look there. */
export const WAITERS = 1;
/** The first waiter has woken in vain: the unlock gives the lock to the first, to nobody else. */
export const HANDOFF = 2;
export const FLAGS = 7;
if (Task.align <= FLAGS)
  throw new RangeError(`Task.align is ${Task.align}: no room for the flags of a mutex`);

export function taskOf(owner: number): Ptr {
  return (owner & ~FLAGS) >>> 0;
}

/** Takes the lock for `me` if nobody has it, whoever may be waiting. */
export function takeUnowned(cpu: Cpu, at: Ptr, me: Ptr): boolean {
  const { memory } = cpu;
  const seen = memory.load(at + Mutex.owner);
  if (taskOf(seen) !== 0) return false;
  // Edge M: what the last holder wrote is visible. If it fails, somebody else was faster.
  return memory.compareExchange(at + Mutex.owner, seen, (seen | me) >>> 0) === seen;
}
