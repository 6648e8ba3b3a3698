/** The machine on which something was measured: enough to judge a result by, nothing that names its owner. */

export interface Topology {
  /** False on most virtual machines, which make up their sockets and caches. Then the rest is absent. */
  readonly known: boolean;
  readonly sockets?: number;
  readonly coresPerSocket?: number;
  readonly threadsPerCore?: number;
  /** Cores (not threads) that share a last-level cache. */
  readonly coresPerLlc?: number;
}

export interface Host {
  /** As node calls it: linux, darwin, win32. */
  readonly platform: string;
  readonly arch: string;
  /** Release of the operating system's kernel. */
  readonly kernel: string;
  readonly cpuModel: string;
  /** CPUs that this process may use. More simulated CPUs than these are oversubscribed. */
  readonly cores: number;
  readonly memoryBytes: number;
  readonly topology: Topology;
  /** Load averages (1, 5, 15 minutes) before measuring began. */
  readonly load: readonly number[];
  readonly node: string;
  readonly v8: string;
  /** Versions of the packages that took part, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** How atomic accesses were carried out, where that was recorded. */
  readonly backend?: string;
}

/**
 * CPU counts after which the next CPU is further away: the end of a cache, of a socket, of the
 * physical cores (when hyperthreads begin). Counted as if near CPUs were taken first. Ascending; undefined when unknown.
 */
export function boundaries(topology: Topology): readonly number[] | undefined {
  const { known, sockets = 1, coresPerSocket, threadsPerCore = 1, coresPerLlc } = topology;
  if (!known || coresPerSocket === undefined) return undefined;
  const cores = sockets * coresPerSocket;
  const found = new Set<number>();
  for (let n = coresPerSocket; n < cores; n += coresPerSocket) found.add(n);
  if (coresPerLlc !== undefined && coresPerLlc > 0) {
    for (let n = coresPerLlc; n < cores; n += coresPerLlc) found.add(n);
  }
  if (threadsPerCore > 1) found.add(cores);
  return [...found].sort((a, b) => a - b);
}
