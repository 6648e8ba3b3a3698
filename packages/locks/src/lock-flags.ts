import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';

/**
 * What `LockHooks.acquire` is told about an acquisition, as bits. Linux: the arguments `trylock`,
 * `read` and `subclass` of lock_acquire().
 *
 *   10    8 7      4    3       2     1     0
 *   ┌──────┬────────┬───────┬───────┬──────┬─────┐
 *   │ sub  │ unused │ recur │ rec r │ read │ try │
 *   └──────┴────────┴───────┴───────┴──────┴─────┘
 */
export const LockFlag = {
  /** Gives up rather than waits, so it cannot be part of a deadlock from this side. */
  trylock: 0x1,
  /** Shared with other readers. */
  read: 0x2,
  /** With `read`: a reader may read again even if a writer waits, so it waits for holders only. Linux: read = 2. */
  recursiveRead: 0x4,
  /** The lock itself deals with a task that holds it already (ww_mutex: -EALREADY): no BUG. */
  mayRecur: 0x8,
} as const;

/** Nesting level among locks of one class, 0–7, starts at this bit. Linux: SINGLE_DEPTH_NESTING and up. */
export const SUBCLASS_SHIFT = 8;
/** Linux: MAX_LOCKDEP_SUBCLASSES. */
const SUBCLASSES = 8;

/** The flags of an acquisition at nesting level `subclass`. BUG on levels that there are not. */
export function subclassFlags(cpu: Cpu, subclass: number): number {
  if (!Number.isInteger(subclass) || subclass < 0 || subclass >= SUBCLASSES)
    bug(cpu, `looking up invalid subclass: ${subclass}; accepted are 0 to ${SUBCLASSES - 1}`);
  return subclass << SUBCLASS_SHIFT;
}
