import type { Clock } from '@percpu/experiment';
import type { Arguments } from '../cli/command.ts';
import { UsageError } from '../cli/errors.ts';
import { readAssignment, readCpuCounts, readNames, readNumber } from '../cli/values.ts';
import { MODELLED_CPUS, PROFILES } from '../measure/budget.ts';
import type { Budget } from '../measure/budget.ts';
import type { RunRequest } from '../record/command.ts';

const MOST_SECONDS = 60;
/** One repeat; virtual time is dear, so that far less than under the parallel clock is enough. */
const LEAST_SECONDS = { parallel: 0.001, model: 1e-6 } as const;
const MOST_REPEATS = 1000;

/** What was typed, once it has been seen whether a model is there to answer it. */
export interface Asked {
  readonly request: RunRequest;
  readonly budget: Budget;
  /** Where the counts are left to percpu, no more CPUs than these are modelled; undefined is no limit. */
  readonly mostModelled: number | undefined;
}

/** The clock that was asked for; undefined leaves it to percpu. */
export function readClock(args: Arguments): RunRequest['clock'] | undefined {
  const text = args.text('clock');
  if (text === undefined || text === 'parallel' || text === 'model' || text === 'both') return text;
  throw new UsageError(`--clock: "${text}" is no clock; accepted are parallel, model and both`);
}

/** @throws UsageError for the first option whose value is not acceptable. */
export function readRequest(args: Arguments, clock: RunRequest['clock']): Asked {
  const cpus = args.text('cpus');
  const variants = args.text('variants');
  const seed = args.text('seed');
  const calls = args.text('work');
  const seconds = args.text('seconds');
  const repeats = args.text('repeats');
  if (seconds !== undefined && calls !== undefined) {
    throw new UsageError('--seconds and --work exclude each other: a time or a number of calls');
  }
  const { amount, machine } = readProfile(args.text('profile'), clock);
  const request: RunRequest = {
    program: import.meta.url.endsWith('.ts') ? ['npm', 'run', 'percpu', '--'] : ['percpu'],
    names: args.operands,
    variants: variants === undefined ? null : readNames('variants', variants),
    cpus: cpus === undefined ? null : readCpuCounts(cpus),
    clock,
    profile: machine ?? null,
    knobs: args.all('set').map(readAssignment),
    calls:
      calls === undefined ? null : readNumber('work', calls, { least: 1, most: 1e9, whole: true }),
    seconds: seconds === undefined ? null : readSeconds(seconds, clock),
    modules: args.all('module'),
    seed:
      seed === undefined ? 1 : readNumber('seed', seed, { least: 0, most: 2 ** 32, whole: true }),
  };
  const count =
    repeats === undefined
      ? undefined
      : readNumber('repeats', repeats, { least: 1, most: MOST_REPEATS, whole: true });
  const measureSeconds = request.seconds ?? undefined;
  // Who names both has said how long it is to take; who names one leaves the rest to the plan.
  const free = clock === 'model' || (measureSeconds !== undefined && count !== undefined);
  return {
    request,
    budget: { seconds: free ? undefined : PROFILES[amount], measureSeconds, repeats: count },
    mostModelled: clock === 'both' ? MODELLED_CPUS[amount] : undefined,
  };
}

function readSeconds(text: string, clock: RunRequest['clock']): number {
  const least = clock === 'model' ? LEAST_SECONDS.model : LEAST_SECONDS.parallel;
  return readNumber('seconds', text, { least, most: MOST_SECONDS, unit: 's' });
}

/** An amount of time, or the machine to be modelled; where both clocks run, whichever it names. */
function readProfile(
  name: string | undefined,
  clock: RunRequest['clock'],
): { readonly amount: string; readonly machine?: string } {
  if (name === undefined) return { amount: 'default' };
  if (clock !== 'model' && Object.hasOwn(PROFILES, name)) return { amount: name };
  if (clock !== 'parallel') return { amount: 'default', machine: name };
  throw new UsageError(
    `--profile: "${name}" is unknown; under the parallel clock there are ${Object.keys(PROFILES).join(', ')}`,
  );
}

/** The clocks that a run needs, in the order in which they run: measuring wants an idle host. */
export function clocksOf(clock: RunRequest['clock']): readonly Clock[] {
  return clock === 'both' ? ['parallel', 'model'] : [clock];
}
