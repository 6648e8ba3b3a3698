/**
 * What every CPU of a machine runs to measure one point. The module of the experiment is named in
 * this module's own URL (`program.ts?module=…`), so that it is imported while the program is being
 * loaded and not while anything is measured.
 */
import { findByName, measure, MeasurementStopped } from '@percpu/experiment';
import type { Cell, CpuMeasurement, Place, Registry, Sleeps } from '@percpu/experiment';
import { isFatal } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';

export interface ProgramArguments {
  readonly cell: Cell;
  readonly place: Place;
}

/** What a CPU sends back. */
export type ProgramResult =
  | { readonly measured: CpuMeasurement }
  /** The experiment threw on this CPU; what it said. */
  | { readonly failed: string }
  /** It threw on another one. */
  | { readonly stopped: true };

const module = new URL(import.meta.url).searchParams.get('module');
if (module === null) throw new Error('the measuring program needs ?module=URL of an experiment');
const { experiments } = (await import(module)) as Pick<Registry, 'experiments'>;

/**
 * Runs on each CPU of `cell.cpus`. What the experiment throws becomes a result: a wrong count is
 * a finding about the experiment, not a reason for a kernel panic.
 */
export function* main(cpu: Cpu, { cell, place }: ProgramArguments): Sleeps<ProgramResult> {
  try {
    const experiment = findByName(experiments, cell.experiment);
    return { measured: yield* measure(cpu, experiment, cell, place) };
  } catch (error) {
    // The machine itself is stopping: that must reach its main loop.
    if (isFatal(error)) throw error;
    if (error instanceof MeasurementStopped) return { stopped: true };
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}
