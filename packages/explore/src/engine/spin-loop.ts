/**
 * Where a CPU spins in vain. A turn of a spin loop ends with `pause`; if it changed nothing and all it read still holds the
 * same, the next turn would do the same again: the CPU is parked until one of those words changes. This makes spin loops
 * finite, and a CPU that nobody can free a finding.
 *
 * A turn that read nothing but the CPU's own pending word says nothing about what the loop waits for (a back-off of so many
 * turns, a flag that an interrupt sets), so a number of those goes by before the CPU is parked.
 *
 * A loop may look at its pending word behind the pause: a change of that word since the turn began always frees the CPU.
 */
import type { Ptr } from '@percpu/memory';
import type { SimulatedStore } from '@percpu/simulator';
import type { Footprint } from './footprint.ts';
import { Mode } from './footprint.ts';

/** Words that a turn may read; a turn that reads more is taken for work. */
const MAX_WORDS = 64;
/** Turns that read nothing of interest. The longest back-off of @percpu/locks is 128 turns. */
const MAX_EMPTY_TURNS = 128;

export class SpinLoop {
  /** The CPU has stopped in front of a pause, and may go on when `changed()`. */
  parked = false;
  private readonly store: SimulatedStore;
  /** Index of the CPU's pending word; −1: there is none. */
  private readonly pendingWord: number;
  private readonly words: number[] = [];
  private readonly values: number[] = [];
  private count = 0;
  /** What the pending word held when this turn began. */
  private pendingBefore = 0;
  /** This turn did something. */
  private worked = false;
  private emptyTurns = 0;

  constructor(store: SimulatedStore, pendingAt: Ptr | undefined) {
    this.store = store;
    this.pendingWord = pendingAt === undefined ? -1 : pendingAt >>> 2;
  }

  /** For a new run. */
  clear(): void {
    this.parked = false;
    this.emptyTurns = 0;
    this.nextTurn();
  }

  /** The CPU changed something, or was interrupted: its next turn may differ. */
  work(): void {
    this.worked = true;
  }

  /** It has read the word with this index. */
  saw(word: number): void {
    if (this.count === MAX_WORDS) this.worked = true;
    if (this.worked) return;
    this.words[this.count] = word;
    this.values[this.count++] = this.store.u32[word]!;
  }

  /** Is one of the words read in this turn different now? */
  changed(): boolean {
    for (let i = 0; i < this.count; i++) {
      if (this.store.u32[this.words[i]!] !== this.values[i]) return true;
    }
    return this.pending() !== this.pendingBefore;
  }

  /** The CPU has come to a pause. True: it stays there, parked. */
  pause(footprint: Footprint): boolean {
    if (this.worked) this.emptyTurns = 0;
    else if (this.isEmpty() && this.emptyTurns < MAX_EMPTY_TURNS) this.emptyTurns++;
    else {
      // Whether it stays depends on these words, so this is a look at them.
      for (let i = 0; i < this.count; i++) footprint.add(this.words[i]! * 4, 4, Mode.read);
      if (this.pendingWord >= 0) footprint.add(this.pendingWord * 4, 4, Mode.read);
      this.parked = !this.changed();
      if (this.parked) return true;
      this.emptyTurns = 0;
    }
    this.nextTurn();
    return false;
  }

  /** From parked to the next turn. */
  free(): void {
    this.parked = false;
    this.emptyTurns = 0;
    this.nextTurn();
  }

  /** Some word that it waits for: the last that it read. */
  get waitsAt(): Ptr {
    return this.count === 0 ? 0 : this.words[this.count - 1]! * 4;
  }

  get waitsWhile(): number {
    return this.count === 0 ? 0 : this.values[this.count - 1]!;
  }

  private nextTurn(): void {
    this.count = 0;
    this.worked = false;
    this.pendingBefore = this.pending();
  }

  private pending(): number {
    return this.pendingWord < 0 ? 0 : this.store.u32[this.pendingWord]!;
  }

  private isEmpty(): boolean {
    for (let i = 0; i < this.count; i++) if (this.words[i] !== this.pendingWord) return false;
    return true;
  }
}
