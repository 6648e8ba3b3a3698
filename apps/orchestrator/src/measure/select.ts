import { chooseCell, cpuCounts, MAX_CPUS, parseKnob, unknownName } from '@percpu/experiment';
import type { Cell, Clock, Experiment, KnobValue, Window } from '@percpu/experiment';
import { UsageError } from '../cli/errors.ts';
import { findEntry } from '../discovery/catalogue.ts';
import type { Catalogue, Discovered } from '../discovery/catalogue.ts';
import { plural } from '../format.ts';

/** What a user asked to be measured; what is absent was left to percpu. */
export interface Selection {
  readonly names: readonly string[];
  readonly variants: readonly string[] | undefined;
  readonly cpus: readonly number[] | undefined;
  readonly clock: Clock;
  /** Under the model clock: the machine that is modelled. */
  readonly profile?: string;
  /** Where the CPU counts are left to percpu, none above this. */
  readonly mostCpus?: number;
  /** As typed: knob and value. */
  readonly knobs: readonly (readonly [name: string, value: string])[];
}

/** One point of the result: to be measured several times. */
export interface Point {
  readonly found: Discovered<Experiment>;
  readonly variant: string;
  readonly cpus: number;
  readonly clock: Clock;
  /** Under the model clock: the machine that is modelled. */
  readonly profile?: string;
  readonly knobs: Readonly<Record<string, KnobValue>>;
  readonly oversubscribed: boolean;
}

export interface SelectedPoints {
  readonly points: readonly Point[];
  /** What was left out, and why. */
  readonly notices: readonly string[];
}

/**
 * Turns what was asked into points: by experiment, then CPU count, then variant. There may be none.
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
  return { points, notices };
}

/** Of the counts with more CPUs than cores, one tells enough at a glance. */
const GLANCE_PER_CORE = 2;

function pointsOf(
  found: Discovered<Experiment>,
  { names, variants, cpus, clock, profile, mostCpus = MAX_CPUS, knobs }: Selection,
  cores: number,
  notices: string[],
): Point[] {
  const { entry: experiment } = found;
  const { name, minCpus } = experiment;
  const offered = Object.keys(experiment.variants);
  // Among everything else there is time for a look only.
  const glance = names.length === 0;
  const wanted = variants ?? (glance ? experiment.overview : offered);
  const taken = offered.filter((variant) => wanted.includes(variant));
  if (variants === undefined && taken.length < offered.length) {
    const rest = offered.filter((variant) => !taken.includes(variant));
    notices.push(`${name} has more variants, when it is asked for by name: ${rest.join(', ')}`);
  }
  if (taken.length === 0) {
    notices.push(`${name} has none of the variants asked for; it has ${offered.join(', ')}`);
    return [];
  }
  if (experiment.cpus[clock] === undefined) {
    notices.push(`${name} does not run under the ${clock} clock`);
    return [];
  }
  const usual = cpuCounts(experiment, clock, cores).filter(
    (count) => !glance || clock === 'model' || count <= GLANCE_PER_CORE * cores,
  );
  const counts = cpus ?? usual.filter((count) => count <= mostCpus);
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
      ...(profile === undefined ? {} : { profile }),
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
export function pointName({ found, variant, cpus, profile }: Point): string {
  const modelled = profile === undefined ? '' : ` of ${profile}, modelled`;
  return `${found.entry.name} ${variant}, ${plural(cpus, 'CPU')}${modelled}`;
}
