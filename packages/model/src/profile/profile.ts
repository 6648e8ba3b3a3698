/** A machine as data: how it is built, what things cost on it, and where each figure comes from. */
import type { Figure, FigureName } from './figures.ts';

/** Version of the format that `percpu calibrate` writes: raised whenever the set of figures changes. */
export const PROFILE_SCHEMA = 2;

/**
 * CPU numbers go through all cores first, then through the second threads of the cores, as Linux numbers x86
 * servers: on 2 sockets of 4 cores with 2 threads each, CPU 0 and CPU 8 share core 0 of socket 0.
 */
export interface TopologyFigures {
  readonly sockets: number;
  readonly llcsPerSocket: number;
  readonly coresPerLlc: number;
  readonly threadsPerCore: number;
  /** Sockets that are one hop from each other; a further one is `far`. All of them, usually. */
  readonly socketsPerGroup: number;
}

export interface Profile {
  readonly schema: typeof PROFILE_SCHEMA;
  /** kebab-case. */
  readonly name: string;
  readonly title: string;
  /** Where most figures come from, in a few words. */
  readonly source: string;
  readonly topology: TopologyFigures;
  /** Bytes that travel together: a power of two, 16 … 1024. */
  readonly lineBytes: number;
  readonly figures: Readonly<Partial<Record<FigureName, Figure>>>;
}
