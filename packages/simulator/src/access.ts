/** An access that has not been carried out yet. */
import type { Ptr } from '@percpu/memory';

export type Value = number | bigint;

/** The access a CPU has stopped in front of. */
export interface PendingAccess {
  readonly op: number;
  readonly at: Ptr;
  readonly a: Value;
  readonly b: Value;
  readonly site: number;
  readonly foreign: ForeignWord | undefined;
}

/**
 * A word whose truth is elsewhere: in a typed array of a user's own. The store holds a copy, so that everything that looks
 * at addresses and bytes (races, spin loops, reports) need not know.
 */
export interface ForeignWord {
  /** Makes the store's copy what the word is. */
  fetch(): void;
  /** Does what was asked, to the word and to the copy; returns what the code that asked gets. */
  perform(): unknown;
}
