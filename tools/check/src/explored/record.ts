/** What a test of an exploration leaves behind, for docs/explorations.md. */

/** `task.meta.explored` (`ExploredMeta` of @percpu/explore/vitest), and how long it took on the machine it ran on. */
export interface Explored {
  readonly name: string;
  readonly twin: boolean;
  readonly strategy: string;
  readonly schedules: number;
  readonly budget: number | null;
  readonly preemptions: number | null;
  readonly seconds: number;
}

/** The runs of one test file, in its order. */
export interface ExploredFile {
  /** The package. */
  readonly package: string;
  /** Of its folder, with `/`. */
  readonly file: string;
  readonly explored: readonly Explored[];
}

/** Where in a package's folder they are. A file a test file. */
export const RECORDS = '.cache/explored';
