/** Marks what is to be tried, in the states of a search. */
import type { SearchNode } from './search-node.ts';

/** Tries `process` before step `i`, and wherever a block of steps of one CPU begins on the way back to where that is free. */
export function tryBefore(nodes: readonly SearchNode[], i: number, process: number): void {
  tryAt(nodes[i]!, process);
  for (let k = i; k >= 0; k--) {
    const node = nodes[k]!;
    const free = node.costOf(process) === 0;
    if (free || k === 0 || nodes[k - 1]!.process !== node.process) tryAt(node, process);
    if (free) return;
  }
}

/** Whatever can happen there: for where it cannot be said what would lead to it. */
export function tryAll(node: SearchNode): void {
  node.enabled.forEach((enabled, process) => {
    if (enabled) node.backtrack[process] = true;
  });
}

function tryAt(node: SearchNode, process: number): void {
  if (node.enabled[process]!) node.backtrack[process] = true;
  else tryAll(node);
}

/** The later of both, for each process. */
export function join(clock: Int32Array, other: Int32Array): void {
  for (let i = 0; i < clock.length; i++) if (other[i]! > clock[i]!) clock[i] = other[i]!;
}
