/**
 * How the cores of a host are grouped, by what a line takes between them. A guest is told a topology by its hypervisor that
 * may have nothing to do with where it runs, so nothing else is believed.
 */
import type { TopologyFigures } from '../../profile/profile.ts';

/** ns from core to core; the diagonal is not looked at. */
export type Distances = readonly (readonly number[])[];

export interface Grouping {
  readonly topology: TopologyFigures;
  /** Medians of the pairs at each distance that occurs. */
  readonly smt: number | undefined;
  readonly llc: number;
  readonly socket: number;
  readonly remote: number | undefined;
}

/** Two distances that differ by less are one. */
const GAP = 1.5;

/** Groups of equal size, nested; distances that do not fall into such groups count as one. */
export function groupCores(distances: Distances): Grouping {
  const cores = distances.length;
  const pairs = pairsOf(distances);
  // Sizes of the groups at each cut that makes equal ones, ascending, and all together.
  const cuts = [...gapsOf(pairs)].flatMap((limit) => {
    const size = equalGroups(distances, limit);
    return size !== undefined && size > 1 && size < cores ? [{ limit, size }] : [];
  });
  const within = (low: number, high: number): number =>
    median(pairs.filter((ns) => ns > low && ns <= high));
  const hasSmt = cuts[0]?.size === 2 && cores > 2;
  const smt = hasSmt ? cuts.shift() : undefined;
  const threadsPerCore = smt === undefined ? 1 : 2;
  const floor = smt?.limit ?? 0;
  const [first, second] = cuts;
  const llcThreads = first?.size ?? cores;
  const socketThreads = second?.size ?? cores;
  const sockets = cores / socketThreads;
  const llc = pairs.length === 0 ? 0 : within(floor, first?.limit ?? Infinity);
  const socket = first === undefined ? llc : within(first.limit, second?.limit ?? Infinity);
  return {
    topology: {
      sockets,
      llcsPerSocket: socketThreads / llcThreads,
      coresPerLlc: llcThreads / threadsPerCore,
      threadsPerCore,
      socketsPerGroup: sockets,
    },
    smt: smt === undefined ? undefined : within(0, smt.limit),
    llc,
    socket,
    remote: second === undefined ? undefined : within(second.limit, Infinity),
  };
}

function pairsOf(distances: Distances): number[] {
  return distances.flatMap((row, a) => row.slice(a + 1)).sort((a, b) => a - b);
}

/** Middles of the gaps between ascending distances. */
function* gapsOf(pairs: readonly number[]): Generator<number, void, void> {
  for (let i = 1; i < pairs.length; i++) {
    if (pairs[i]! > pairs[i - 1]! * GAP) yield (pairs[i]! + pairs[i - 1]!) / 2;
  }
}

/** The size of the groups of cores that are within `limit` of each other, if all have the same. */
function equalGroups(distances: Distances, limit: number): number | undefined {
  const sizes = new Set<number>();
  for (const [core, row] of distances.entries()) {
    const group = row.filter((ns, other) => other === core || ns <= limit);
    sizes.add(group.length);
    // A group that is not closed is no group: a near b, b near c, a far from c.
    const isClosed = row.every(
      (ns, other) =>
        other === core ||
        ns > limit ||
        distances[other]!.every(
          (far, third) =>
            third === core || third === other || far <= limit === row[third]! <= limit,
        ),
    );
    if (!isClosed) return undefined;
  }
  return sizes.size === 1 ? [...sizes][0] : undefined;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
