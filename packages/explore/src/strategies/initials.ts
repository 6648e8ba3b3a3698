/**
 * Initials (Abdulla et al., POPL 2014): of the steps behind step `i` that do not depend on it, with a later step at their end, the
 * processes whose first one none of the others has to come before. Any of them may come first if that later step is to come before `i`.
 */
import type { SearchNode } from './search-node.ts';

export class Initials {
  /** Those that were found last. */
  readonly processes: number[] = [];
  /** By process: its first of those steps, counted from 1; 0: it has none. */
  private firstOf: Int32Array = new Int32Array(0);

  /** Of the steps from `i` + 1 up to step `at`, which is `last`, and may not be among `nodes` yet. */
  find(nodes: readonly SearchNode[], i: number, at: number, last: SearchNode): void {
    const { process: by, clock: all } = nodes[i]!;
    if (this.firstOf.length !== all.length) this.firstOf = new Int32Array(all.length);
    const { processes, firstOf } = this;
    processes.length = 0;
    firstOf.fill(0);
    for (let k = i + 1; k <= at; k++) {
      const { process, clock } = k === at ? last : nodes[k]!;
      if (k < at && clock[by]! > i) continue;
      if (firstOf[process] !== 0) continue;
      firstOf[process] = k + 1;
      // An initial has none of the others before it.
      let initial = true;
      for (let q = 0; q < firstOf.length; q++) {
        if (q !== process && firstOf[q] !== 0 && clock[q]! >= firstOf[q]!) initial = false;
      }
      if (initial) processes.push(process);
    }
  }

  /** Which of those steps is the first of `process`; −1: none. */
  firstStepOf(process: number): number {
    return this.firstOf[process]! - 1;
  }
}
