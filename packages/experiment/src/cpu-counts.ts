/** The CPU counts that an experiment wants to be measured at, as a function of the host. */

import { DefinitionError, show } from './names.ts';

/** Linux: NR_CPUS may be 8192; the model clock goes to 4096, worker threads to 1024. */
export const MAX_CPUS = 4096;

/** Ascending CPU counts, fixed or computed from the number of cores of the host. */
export type CpuCounts = readonly number[] | ((hostCores: number) => readonly number[]);

export function isCpuCount(n: unknown): n is number {
  return Number.isInteger(n) && (n as number) >= 1 && (n as number) <= MAX_CPUS;
}

/** 1, 2, 3, 4, 6, 8, 12, 16, 24 … and `hostCores` itself: dense enough for a fit, few enough to wait for. */
export function upToHostCores(hostCores: number): readonly number[] {
  const counts = new Set([hostCores]);
  for (let n = 1; n < hostCores; n *= 2) {
    counts.add(n);
    if (n >= 2 && n * 1.5 < hostCores) counts.add(n * 1.5);
  }
  return [...counts].sort((a, b) => a - b);
}

/** As `upToHostCores`, and then twice and eight times the cores: shows what being descheduled costs. */
export function pastHostCores(hostCores: number): readonly number[] {
  return [...upToHostCores(hostCores), hostCores * 2, hostCores * 8].filter((n) => n <= MAX_CPUS);
}

/** `powersOfTwo(1, 4096)`: 1, 2, 4 … 4096. Both ends are powers of two. */
export function powersOfTwo(from: number, to: number): readonly number[] {
  for (const end of [from, to]) {
    if (!isCpuCount(end) || !Number.isInteger(Math.log2(end))) {
      throw new DefinitionError(
        `powersOfTwo(${show(from)}, ${show(to)}): ${show(end)} is no power of two between 1 and ${MAX_CPUS}`,
      );
    }
  }
  if (from > to) throw new DefinitionError(`powersOfTwo(${from}, ${to}): the first is the larger`);
  const counts: number[] = [];
  for (let n = from; n <= to; n *= 2) counts.push(n);
  return counts;
}
