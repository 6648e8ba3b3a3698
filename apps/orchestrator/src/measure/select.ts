import { chooseCell, cpuCounts, parseKnob, unknownName } from '@percpu/experiment';
import type { Cell, Clock, Experiment, KnobValue, Window } from '@percpu/experiment';
import { UsageError } from '../cli/errors.ts';
import { findEntry } from '../discovery/catalogue.ts';
import type { Catalogue, Discovered } from '../discovery/catalogue.ts';

/** What a user asked to be measured; what is absent was left to percpu. */
export interface Selection {
  readonly names: readonly string[];
  readonly variants: readonly string[] | undefined;
  readonly cpus: readonly number[] | undefined;
  readonly clock: Clock;
  /** As typed: knob and value. */
  readonly knobs: readonly (readonly [name: string, value: string])[];
}

/** One point of the result: to be measured several times. */
export interface Point {
  readonly found: Discovered<Experiment>;
  readonly variant: string;
  readonly cpus: number;
  readonly clock: Clock;
  readonly knobs: Readonly<Record<string, KnobValue>>;
  readonly oversubscribed: boolean;
}

export interface SelectedPoints {
  readonly points: readonly Point[];
  /** What was left out, and why. */
  readonly notices: readonly string[];
}

/**
 * Turns what was asked into points: by experiment, then CPU count, then variant.
 *
 * @throws ChoiceError or UsageError naming what does not exist, with the nearest that does.
 */
export function selectPoints(
  catalogue: Catalogue,
  selection: Selection,
  cores: number,
): SelectedPoints {
  const named = [...new Set(selection.names)];
  const chosen =
    named.length === 0
      ? catalogue.experiments
      : named.map((name) => findEntry('experiment', catalogue.experiments, name));
  if (chosen.length === 0) {
    throw new UsageError('there are no experiments: no installed package brings any');
  }
  const all = chosen.map(({ entry }) => entry);
  refuseUnknownVariants(all, selection.variants ?? []);
  refuseUnknownKnobs(all, selection.knobs);
  const notices: string[] = [];
  const points = chosen.flatMap((found) => pointsOf(found, selection, cores, notices));
  if (points.length === 0) {
    throw new UsageError(`nothing is left to measure: ${notices.join('; ')}`);
  }
  return { points, notices };
}

function pointsOf(
  found: Discovered<Experiment>,
  { variants, cpus, clock, knobs }: Selection,
  cores: number,
  notices: string[],
): Point[] {
  const { entry: experiment } = found;
  const { name, minCpus } = experiment;
  const offered = Object.keys(experiment.variants);
  const taken = offered.filter((variant) => variants?.includes(variant) ?? true);
  if (taken.length === 0) {
    notices.push(`${name} has none of the variants asked for; it has ${offered.join(', ')}`);
    return [];
  }
  if (experiment.cpus[clock] === undefined) {
    notices.push(`${name} does not run under the ${clock} clock`);
    return [];
  }
  const counts = cpus ?? cpuCounts(experiment, clock, cores);
  const enough = counts.filter((count) => count >= minCpus);
  if (enough.length < counts.length) {
    notices.push(`${name} needs ${minCpus} CPUs or more: fewer were left out`);
  }
  const own = knobs.filter(([knob]) => knob in experiment.knobs);
  const values = Object.fromEntries(
    own.map(([knob, text]) => [knob, parseKnob(experiment, knob, text)]),
  );
  return enough.flatMap((count) =>
    taken.map((variant) => ({
      found,
      variant,
      cpus: count,
      clock,
      knobs: values,
      oversubscribed: clock === 'parallel' && count > cores,
    })),
  );
}

function refuseUnknownVariants(
  experiments: readonly Experiment[],
  variants: readonly string[],
): void {
  const known = [...new Set(experiments.flatMap((entry) => Object.keys(entry.variants)))];
  for (const variant of variants) {
    if (!known.includes(variant)) throw unknownName('variant', variant, known);
  }
}

function refuseUnknownKnobs(experiments: readonly Experiment[], knobs: Selection['knobs']): void {
  const known = [...new Set(experiments.flatMap((entry) => Object.keys(entry.knobs)))];
  for (const [knob, text] of knobs) {
    if (!known.includes(knob)) throw unknownName('knob', knob, known);
    // Throws for the first that does not take the value: it could not be measured with it.
    for (const entry of experiments) {
      if (knob in entry.knobs) parseKnob(entry, knob, text);
    }
  }
}

/** The cell of one repeat. @throws ChoiceError when the experiment does not offer it. */
export function toCell(point: Point, window: Window | undefined, seed: number): Cell {
  const { found, variant, cpus, clock, knobs } = point;
  return chooseCell(found.entry, {
    variant,
    cpus,
    clock,
    knobs,
    seed,
    repeats: 1,
    ...(window === undefined ? {} : { window }),
  });
}

/** `lock-handover ticket, 4 CPUs`: how a point is called in messages. */
export function pointName({ found, variant, cpus }: Point): string {
  return `${found.entry.name} ${variant}, ${cpus} CPU${cpus === 1 ? '' : 's'}`;
}
