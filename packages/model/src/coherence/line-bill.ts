/**
 * What a line has cost, word by word: the raw material of the attribution. Words are four bytes; which field a word
 * belongs to is asked once, at the end.
 */
import { LEVEL_NAMES } from '../profile/topology.ts';

/** Columns of a word. */
const ACCESSES = 0;
const TRANSFERS = 1;
const TRANSFER_NS = 2;
const WAIT_NS = 3;
const LOCK_WAIT_NS = 4;
const COLUMNS = 5;

/** In place of a CPU number: none, or more than one. */
export const NOBODY = -1;
export const SEVERAL = -2;

export class LineBill {
  /** How many transfers came over each distance, by `Level`. */
  readonly byLevel: Float64Array = new Float64Array(LEVEL_NAMES.length);
  /** ns for which it was being served: with the window, how close it is to being the bottleneck. */
  busyNs = 0;
  /** Copies taken away from spinning CPUs, all writes together. */
  refetches = 0;
  /** When the last of these takings began, and when it is over unless somebody writes before. */
  refetchedSince = 0;
  refetchedUntil = 0;
  /** Requests that found it busy, and how many were in front of them in all. */
  queued = 0;
  queuedBehind = 0;
  /** Of each word: which CPU used it, which wrote it. */
  readonly users: Int32Array;
  readonly writers: Int32Array;
  private readonly sums: Float64Array;

  constructor(words: number) {
    this.sums = new Float64Array(words * COLUMNS);
    this.users = new Int32Array(words).fill(NOBODY);
    this.writers = new Int32Array(words).fill(NOBODY);
  }

  get words(): number {
    return this.users.length;
  }

  access(word: number, cpu: number, writes: boolean): void {
    this.sums[word * COLUMNS + ACCESSES]! += 1;
    if (this.users[word] !== cpu) this.users[word] = this.users[word] === NOBODY ? cpu : SEVERAL;
    if (writes && this.writers[word] !== cpu)
      this.writers[word] = this.writers[word] === NOBODY ? cpu : SEVERAL;
  }

  transfer(word: number, level: number, ns: number): void {
    this.sums[word * COLUMNS + TRANSFERS]! += 1;
    this.sums[word * COLUMNS + TRANSFER_NS]! += ns;
    this.byLevel[level]! += 1;
  }

  wait(word: number, ns: number, behind: number): void {
    this.sums[word * COLUMNS + WAIT_NS]! += ns;
    this.queued += 1;
    this.queuedBehind += behind;
  }

  lockWait(word: number, ns: number): void {
    this.sums[word * COLUMNS + LOCK_WAIT_NS]! += ns;
  }

  word(index: number): WordBill {
    const at = index * COLUMNS;
    return {
      accesses: this.sums[at + ACCESSES]!,
      transfers: this.sums[at + TRANSFERS]!,
      transferNs: this.sums[at + TRANSFER_NS]!,
      waitNs: this.sums[at + WAIT_NS]!,
      lockWaitNs: this.sums[at + LOCK_WAIT_NS]!,
    };
  }
}

export interface WordBill {
  readonly accesses: number;
  readonly transfers: number;
  readonly transferNs: number;
  readonly waitNs: number;
  readonly lockWaitNs: number;
}
