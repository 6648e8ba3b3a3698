/** The words of an rwsem, and the ways in that need no list. What they mean: rwsem.ts. */
import type { Cpu } from '@percpu/machine';
import { layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { ListHead } from '../list.ts';
import { OsqLock } from '../sleeping/osq-lock.ts';
import { WaitLock } from '../sleeping/wait-lock.ts';

const fields = {
  /** Atomic. WAITERS and HANDOFF change under `lock` only. */
  count: 'u32',
  /** The writer's task while it is inside, a few accesses less; 0: nobody, or readers. For those that spin, and for checks. */
  owner: 'ptr',
  /** Writers that spin. */
  osq: OsqLock,
  lock: WaitLock,
  /** Of WaitEntry, in order of arrival; writers are exclusive. Under `lock`. */
  waiters: ListHead,
  /** Of the debug mode. */
  magic: 'u32',
} as const;

/** Linux: struct rw_semaphore. All words 0 is a free one. */
export const RwSem: Layout<'count' | 'owner' | 'osq' | 'lock' | 'waiters' | 'magic'> = layout(
  fields,
  { name: 'RwSem' },
);

/** Linux: RWSEM_WRITER_LOCKED. A writer is inside. */
export const WRITER = 0x1;
/** Linux: RWSEM_FLAG_WAITERS. The list is not empty. */
export const WAITERS = 0x2;
/** Linux: RWSEM_FLAG_HANDOFF. The first in the list was overtaken: it is next. */
export const HANDOFF = 0x4;
/** Linux: RWSEM_READER_BIAS. One reader. */
export const READER = 0x100;
/** Linux: RWSEM_READER_MASK. */
export const READERS = 0xffff_ff00;
/** Linux: RWSEM_READ_FAILED_MASK. A reader that finds one of these goes to the list. */
export const NO_READER = 0x7;
/** Linux: RWSEM_LOCK_MASK. Somebody is inside, or a reader on its way to the list is counted. */
export const INSIDE = 0xffff_ff01;

/** Counts a reader: it is inside, unless the answer is false. Then `rwsemReadSlow` has to follow, which takes the count over. */
export function countReader({ memory }: Cpu, at: Ptr): boolean {
  // Edge W: pairs with the fetchAdd in upWrite. No writer means that what the last one wrote is visible.
  return (memory.fetchAdd(at + RwSem.count, READER) & NO_READER) === 0;
}

/** Takes a free rwsem that nobody waits for. */
export function takeFree({ memory }: Cpu, at: Ptr, me: Ptr): boolean {
  // Edges W and R.
  if (memory.compareExchange(at + RwSem.count, 0, WRITER) !== 0) return false;
  memory.store(at + RwSem.owner, me);
  return true;
}

/** Takes it if nobody is inside, whoever may be waiting, but not from one that was overtaken before. */
export function takeUnqueued({ memory }: Cpu, at: Ptr, me: Ptr): boolean {
  let seen = memory.load(at + RwSem.count);
  while ((seen & (INSIDE | HANDOFF)) === 0) {
    // Edges W and R.
    const now = memory.compareExchange(at + RwSem.count, seen, seen | WRITER);
    if (now === seen) {
      memory.store(at + RwSem.owner, me);
      return true;
    }
    seen = now;
  }
  return false;
}
