/** One point through the engine, as the percpu command does it. */
import { chooseCell, findByName, recordCell, summariseCell } from '@percpu/experiment';
import type { KnobValues, Measured, Registry, Result, Window } from '@percpu/experiment';
import { engine } from '../src/host/engine.ts';

export interface Point {
  readonly module: string;
  readonly experiment: string;
  readonly variant: string;
  readonly cpus: number;
  readonly knobs?: KnobValues;
  readonly window?: Window;
}

/** One for all points: its threads have loaded what they need by the second. */
const opened = engine.open({ profile: undefined, cwd: import.meta.dirname });

export interface Modelled {
  readonly measured: Measured;
  readonly result: Result;
}

export async function modelPoint(point: Point): Promise<Modelled> {
  const { experiments } = (await import(point.module)) as Pick<Registry, 'experiments'>;
  const entry = findByName(experiments, point.experiment);
  const { variant, cpus, knobs = {}, window = engine.window(cpus) } = point;
  const cell = chooseCell(entry, { variant, clock: 'model', cpus, knobs, window });
  const { signal } = new AbortController();
  const found = { module: point.module, entry, parameters: [] };
  const measured = await opened.measure({ found, cell, signal });
  const origin = { package: 'test', oversubscribed: false };
  return { measured, result: summariseCell(recordCell(entry, cell, measured.cpus, origin)) };
}

export const LOCKS: string = import.meta.resolve('@percpu/locks/experiments');
export const MACHINE: string = import.meta.resolve('@percpu/machine/experiments');
export const OWN: string = new URL('./programs/experiments.ts', import.meta.url).href;
