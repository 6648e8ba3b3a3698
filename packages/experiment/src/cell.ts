/**
 * A cell is one point to be measured: an experiment with variant, knobs, CPUs and window chosen.
 * It is plain data, so that the host can send it to the CPUs, which look the experiment up by name.
 */

import type { Ptr } from './bench-cpu.ts';
import type { Clock, Experiment, KnobValue, KnobValues } from './contract.ts';
import { isCpuCount, MAX_CPUS } from './cpu-counts.ts';
import { ChoiceError, show, unknownName } from './names.ts';

/** How long is measured. Times are ns on the clock of the machine. */
export type Window =
  | { readonly kind: 'time'; readonly warmUpNs: number; readonly measureNs: number }
  /** Every CPU calls `body` `calls` times. */
  | { readonly kind: 'work'; readonly warmUpCalls: number; readonly calls: number };

export interface Cell {
  readonly experiment: string;
  readonly variant: string;
  readonly clock: Clock;
  /** Ids of the CPUs that take part, the leader first. */
  readonly cpus: readonly number[];
  readonly knobs: KnobValues;
  readonly window: Window;
  readonly repeats: number;
  readonly seed: number;
}

/** Where a cell's shared state lives. Both on lines of their own; `control` zeroed before its first use. */
export interface Place {
  /** `controlBytes(cpus)` bytes; may be used again after a measurement that ended well. */
  readonly control: Ptr;
  /** What `setup` allocates from: `experiment.arenaBytes(cpus)` bytes. */
  readonly arena: { readonly at: Ptr; readonly bytes: number };
}

export interface Choice {
  readonly variant: string;
  readonly clock?: Clock;
  /** How many CPUs (0 … n − 1), or which. */
  readonly cpus: number | readonly number[];
  /** What is left out has its default. */
  readonly knobs?: KnobValues;
  /** Default: warm-up 50 ms and 250 ms measured, or the experiment's fixed work after a tenth of it. */
  readonly window?: Window;
  readonly repeats?: number;
  readonly seed?: number;
}

export const MAX_REPEATS = 10_000;
const WARM_UP_NS = 50e6;
const MEASURE_NS = 250e6;

/** Checks a choice against what the experiment offers and fills in defaults. Throws `ChoiceError`. */
export function chooseCell(experiment: Experiment, choice: Choice): Cell {
  const { variant, clock = 'parallel', repeats = 1, seed = 1 } = choice;
  const names = Object.keys(experiment.variants);
  if (!names.includes(variant)) throw unknownName(`variant of ${experiment.name}`, variant, names);
  const clocks = Object.keys(experiment.cpus);
  if (!clocks.includes(clock))
    throw new ChoiceError(
      `${experiment.name} does not run under the ${clock} clock; it offers ${clocks.join(', ')}`,
    );
  const problem = (text: string): ChoiceError => new ChoiceError(`${experiment.name}: ${text}`);
  if (!Number.isInteger(repeats) || repeats < 1 || repeats > MAX_REPEATS) {
    throw problem(`repeats must be 1 to ${MAX_REPEATS}; got ${show(repeats)}`);
  }
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw problem(`seed must be a whole number from 0 to 2^53; got ${show(seed)}`);
  const window = choice.window ?? defaultWindow(experiment);
  checkWindow(window, problem);
  const cpus = chooseCpus(experiment, choice.cpus, problem);
  return Object.freeze({
    experiment: experiment.name,
    variant,
    clock,
    cpus,
    knobs: chooseKnobs(experiment, choice.knobs ?? {}),
    window,
    repeats,
    seed,
  });
}

/** The CPU counts that the experiment asks for under `clock`, those below its minimum left out. */
export function cpuCounts(
  experiment: Experiment,
  clock: Clock,
  hostCores: number,
): readonly number[] {
  const asked = experiment.cpus[clock] ?? [];
  const counts = typeof asked === 'function' ? asked(hostCores) : asked;
  const enough = counts.filter((n) => n >= experiment.minCpus);
  // On a host with too few cores the smallest sensible count is still worth a point, oversubscribed.
  return counts.length > 0 && enough.length === 0 ? [experiment.minCpus] : enough;
}

/** The value of `text` (as typed: `heldNs=200`) among those that knob `name` accepts. Throws `ChoiceError`. */
export function parseKnob(experiment: Experiment, name: string, text: string): KnobValue {
  const values = experiment.knobs[name];
  if (values === undefined)
    throw unknownName(`knob of ${experiment.name}`, name, Object.keys(experiment.knobs));
  const value = values.find((v) => String(v) === text);
  if (value === undefined)
    throw new ChoiceError(
      `${experiment.name}: knob ${name} does not take ${show(text)}; accepted: ${values.join(', ')}`,
    );
  return value;
}

function chooseKnobs(experiment: Experiment, chosen: KnobValues): KnobValues {
  const knobs: Record<string, KnobValue> = {};
  for (const [name, values] of Object.entries(experiment.knobs)) {
    const first = values[0];
    if (first !== undefined) knobs[name] = first;
  }
  for (const [name, value] of Object.entries(chosen))
    knobs[name] = parseKnob(experiment, name, String(value));
  return Object.freeze(knobs);
}

function chooseCpus(
  experiment: Experiment,
  cpus: number | readonly number[],
  problem: (text: string) => ChoiceError,
): readonly number[] {
  const count = typeof cpus === 'number' ? cpus : cpus.length;
  if (!isCpuCount(count))
    throw problem(`the number of CPUs must be 1 to ${MAX_CPUS}; got ${show(count)}`);
  if (count < experiment.minCpus)
    throw problem(`needs at least ${experiment.minCpus} CPUs; got ${count}`);
  const ids = typeof cpus === 'number' ? Array.from({ length: cpus }, (_, i) => i) : [...cpus];
  for (const id of ids) {
    if (!Number.isInteger(id) || id < 0 || id >= MAX_CPUS)
      throw problem(`${show(id)} is no CPU id`);
  }
  if (new Set(ids).size !== ids.length) throw problem(`a CPU is listed twice: ${ids.join(', ')}`);
  return Object.freeze(ids);
}

function defaultWindow({ fixedWork }: Experiment): Window {
  if (fixedWork === undefined) return { kind: 'time', warmUpNs: WARM_UP_NS, measureNs: MEASURE_NS };
  return { kind: 'work', warmUpCalls: Math.ceil(fixedWork / 10), calls: fixedWork };
}

function checkWindow(window: Window, problem: (text: string) => ChoiceError): void {
  const [unit, warmUp, measured] =
    window.kind === 'time'
      ? (['ns', window.warmUpNs, window.measureNs] as const)
      : (['calls', window.warmUpCalls, window.calls] as const);
  if (!Number.isSafeInteger(warmUp) || warmUp < 0)
    throw problem(`warm-up must be a whole number of ${unit}, 0 or more; got ${show(warmUp)}`);
  if (!Number.isSafeInteger(measured) || measured < 1)
    throw problem(
      `the measured part must be a whole number of ${unit}, at least 1; got ${show(measured)}`,
    );
}
