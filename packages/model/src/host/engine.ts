/** What the percpu command finds in this package: the engine of the model clock. */
import type { Cell, Experiment, Measured, Window } from '@percpu/experiment';
import type { Parameter } from '@percpu/machine';
import { PROFILES } from '../profile/profiles.ts';
import type { Profile } from '../profile/profile.ts';
import { boundariesOf } from '../profile/topology.ts';
import { loadProfile } from './load-profile.ts';
import type { Progress, Validation } from '../validation/validate.ts';
import { PointPool } from './point-pool.ts';
import { validateAside } from './validate-aside.ts';

/** One point to be modelled. */
export interface ModelOrder {
  readonly found: {
    /** URL of the module that exports the experiment. */
    readonly module: string;
    readonly entry: Experiment;
    readonly parameters: readonly Parameter[];
  };
  readonly cell: Cell;
  readonly signal: AbortSignal;
}

export interface ModelOptions {
  /** Name or file; undefined: the default. */
  readonly profile: string | undefined;
  readonly cwd: string;
}

export interface ModelledMachine {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  readonly boundaries: readonly number[];
}

/** What takes long can be given up, and says how far it is: a share, and what is being done. */
export interface TaskOptions {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

export interface ModelEngine {
  measure(order: ModelOrder): Promise<Measured>;
}

/**
 * At most this much virtual time. The engine closes a window earlier, as soon as it has simulated enough
 * accesses: see `WindowKeeper`.
 */
const AT_MOST_NS = 1e9;

export const engine: {
  readonly clock: 'model';
  readonly profiles: readonly ModelledMachine[];
  open(options: ModelOptions): ModelEngine;
  window(cpus: number): Window;
  describe(options: ModelOptions): ModelledMachine;
  calibrate(options: TaskOptions): Promise<Profile>;
  validate(options: TaskOptions): Promise<Validation>;
} = Object.freeze({
  clock: 'model',
  profiles: PROFILES.map(describe),
  open({ profile: name, cwd }: ModelOptions): ModelEngine {
    const profile = loadProfile(name, cwd);
    const pool = new PointPool();
    return {
      measure: ({ found: { module, parameters }, cell, signal }) =>
        pool.measure({ module, cell, profile, declares: parameters }, signal),
    };
  },
  window: (): Window => ({ kind: 'time', warmUpNs: AT_MOST_NS, measureNs: AT_MOST_NS }),
  describe: ({ profile, cwd }: ModelOptions) => describe(loadProfile(profile, cwd)),
  // Loaded when it is asked for: it brings the launcher of machines along.
  calibrate: async ({ signal, progress }: TaskOptions) =>
    (await import('./calibrate/calibrate.ts')).calibrate({ signal, progress }),
  validate: ({ signal, progress }: TaskOptions) => validateAside(signal, progress),
});

function describe({ name, title, source, topology }: Profile): ModelledMachine {
  return { name, title, source, boundaries: boundariesOf(topology) };
}
