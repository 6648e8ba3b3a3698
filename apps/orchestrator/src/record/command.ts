import type { CellRecord, Clock } from '@percpu/experiment';

/** What a run was asked to do: kept, so that it can be asked again. */
export interface RunRequest {
  /** How the command was started: `percpu`, or `npm run percpu --` in the repository. */
  readonly program: readonly string[];
  readonly names: readonly string[];
  readonly variants: readonly string[] | null;
  readonly cpus: readonly number[] | null;
  /** `both`: measured on the host, and modelled beyond it. */
  readonly clock: Clock | 'both';
  /** The machine to be modelled, as it was given; null is the usual one. */
  readonly profile: string | null;
  readonly knobs: readonly (readonly [name: string, value: string])[];
  /** Calls for each CPU, instead of a time. */
  readonly calls: number | null;
  /** Length of one repeat, when it was given. */
  readonly seconds?: number | null;
  readonly modules: readonly string[];
  readonly seed: number;
}

/**
 * The command line that measures the same again: everything, or one experiment under one clock. What
 * percpu itself chose (seconds, repeats, CPU counts) is spelled out, because on another host, or under
 * another load, it would choose differently. What it models it always chooses alike.
 */
export function repeatCommand(
  request: RunRequest,
  cells: readonly CellRecord[],
  only?: { readonly experiment: string; readonly clock: Clock; readonly profile?: string },
): string[] {
  const own = cells.filter(
    (cell) =>
      only === undefined ||
      (cell.experiment === only.experiment &&
        cell.clock === only.clock &&
        cell.profile === only.profile),
  );
  const { program, names, variants, knobs, calls, seconds = null, modules, seed } = request;
  const clock = only?.clock ?? request.clock;
  const cpus = only === undefined ? request.cpus : countsOf(own);
  const measured = own.filter((cell) => cell.clock === 'parallel');
  const timed = measured.find(({ window }) => window.kind === 'time')?.window;
  const repeats = Math.max(0, ...(clock === 'model' ? own : measured).map(repeatsOf));
  // Under both clocks these two were for what was measured.
  const mine = clock !== 'model' || request.clock === 'model';
  const option = (name: string, value: string | number | undefined | null): string[] =>
    value === undefined || value === null ? [] : [`--${name}`, String(value)];
  return [
    ...program,
    'scale',
    ...(only === undefined ? names : [only.experiment]),
    ...option('variants', variants?.join(',')),
    ...option('cpus', cpus?.join(',')),
    ...clockOption(clock, cpus),
    ...option('profile', clock === 'model' ? (request.profile ?? only?.profile) : request.profile),
    ...option('seconds', timed?.kind === 'time' ? timed.measureNs / 1e9 : mine ? seconds : null),
    ...option('work', mine ? calls : null),
    ...option('repeats', repeats === 0 || (clock === 'model' && repeats === 1) ? null : repeats),
    ...option('seed', seed),
    ...knobsFor(knobs, own).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    ...modules.flatMap((file) => ['--module', file]),
  ];
}

/** Left out where it is what percpu does anyway. */
function clockOption(clock: RunRequest['clock'], cpus: readonly number[] | null): string[] {
  const usual = cpus === null ? 'both' : 'parallel';
  return clock === usual ? [] : ['--clock', clock];
}

function repeatsOf({ repeats }: CellRecord): number {
  return repeats.length;
}

function countsOf(cells: readonly CellRecord[]): number[] {
  return [...new Set(cells.map(({ cpus }) => cpus))].sort((a, b) => a - b);
}

/** An experiment refuses a knob that it does not have. */
function knobsFor(knobs: RunRequest['knobs'], cells: readonly CellRecord[]): RunRequest['knobs'] {
  return knobs.filter(([name]) => cells.some((cell) => name in cell.knobs));
}

/** The words as a shell takes them: quoted only where they must be. */
export function toShell(words: readonly string[]): string {
  return words.map(quote).join(' ');
}

/** One word as a shell takes it. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
