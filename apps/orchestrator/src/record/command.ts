import type { CellRecord, Clock } from '@percpu/experiment';

/** What a run was asked to do: kept, so that it can be asked again. */
export interface RunRequest {
  /** How the command was started: `percpu`, or `npm run percpu --` in the repository. */
  readonly program: readonly string[];
  readonly names: readonly string[];
  readonly variants: readonly string[] | null;
  readonly cpus: readonly number[] | null;
  readonly clock: Clock;
  /** Under the model clock: the machine that was modelled. */
  readonly profile: string | null;
  readonly knobs: readonly (readonly [name: string, value: string])[];
  /** Calls for each CPU, instead of a time. */
  readonly calls: number | null;
  readonly modules: readonly string[];
  readonly seed: number;
}

/**
 * The command line that measures the same again: everything, or one experiment of it. What percpu
 * itself chose (seconds, repeats, CPU counts) is spelled out, because on another host, or under another
 * load, it would choose differently.
 */
export function repeatCommand(
  request: RunRequest,
  cells: readonly CellRecord[],
  experiment?: string,
): string[] {
  const own = cells.filter((cell) => experiment === undefined || cell.experiment === experiment);
  const { program, names, variants, clock, profile, knobs, calls, modules, seed } = request;
  const cpus = experiment === undefined ? request.cpus : countsOf(own);
  const timed = own.find(({ window }) => window.kind === 'time')?.window;
  const repeats = Math.max(0, ...own.map((cell) => cell.repeats.length));
  const option = (name: string, value: string | number | undefined | null): string[] =>
    value === undefined || value === null ? [] : [`--${name}`, String(value)];
  return [
    ...program,
    'scale',
    ...(experiment === undefined ? names : [experiment]),
    ...option('variants', variants?.join(',')),
    ...option('cpus', cpus?.join(',')),
    ...(clock === 'parallel' ? [] : option('clock', clock)),
    ...option('profile', profile),
    ...option('seconds', timed?.kind === 'time' ? timed.measureNs / 1e9 : undefined),
    ...option('work', calls),
    ...option('repeats', repeats === 0 ? undefined : repeats),
    ...option('seed', seed),
    ...knobsFor(knobs, own).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    ...modules.flatMap((file) => ['--module', file]),
  ];
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

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
