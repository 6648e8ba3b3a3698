/**
 * What `LockHooks.acquire` is told about an acquisition, as bits. Linux: the arguments `trylock`,
 * `read` and `subclass` of lock_acquire().
 *
 *   10    8 7            2   1     0
 *   ┌──────┬──────────────┬──────┬─────┐
 *   │ sub  │   unused     │ read │ try │
 *   └──────┴──────────────┴──────┴─────┘
 */
export const LockFlag = {
  /** Gives up rather than waits, so it cannot be part of a deadlock from this side. */
  trylock: 0x1,
  /** Shared with other readers. */
  read: 0x2,
} as const;

/** Nesting level among locks of one class, 0–7, starts at this bit. Linux: SINGLE_DEPTH_NESTING and up. */
export const SUBCLASS_SHIFT = 8;
