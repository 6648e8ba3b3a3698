import { join, relative, resolve } from 'node:path';
import type { Clock } from '@percpu/experiment';
import type { Arguments, Command } from '../cli/command.ts';
import { ExitCode, UsageError } from '../cli/errors.ts';
import { Interrupts } from '../cli/interrupt.ts';
import { Progress } from '../cli/progress.ts';
import type { Terminal } from '../cli/terminal.ts';
import { readAssignment, readCpuCounts, readNames, readNumber } from '../cli/values.ts';
import { readCatalogue } from '../discovery/catalogue.ts';
import { formatDuration, plural } from '../format.ts';
import { readLoad } from '../host/facts.ts';
import { PROFILES, planEffort } from '../measure/budget.ts';
import type { Budget } from '../measure/budget.ts';
import { openEngine } from '../measure/engine.ts';
import { runSession } from '../measure/session.ts';
import { selectPoints, toCell } from '../measure/select.ts';
import type { RunRequest } from '../record/command.ts';
import { hostOf, makeRecord } from '../record/make.ts';
import { toResults } from '../record/record.ts';
import { folderName, prepareFolder, writeRun } from '../record/store.ts';
import { renderReport } from '../report/render.ts';
import { jsonOption, moduleOption } from './options.ts';
import { printResults } from './scale-table.ts';

const MOST_SECONDS = 60;
const MOST_REPEATS = 1000;

export const scale: Command = {
  name: 'scale',
  summary: 'measure how experiments scale with the number of CPUs',
  operands: '[NAME…]',
  operandCount: [0, 100],
  options: {
    variants: { type: 'string', argument: 'A,B', description: 'only these variants' },
    cpus: {
      type: 'string',
      argument: '1,2,4',
      description: 'these CPU counts instead of the usual ones',
    },
    clock: { type: 'string', argument: 'CLOCK', description: 'parallel (default) or model' },
    profile: {
      type: 'string',
      argument: 'P',
      description: `parallel: ${Object.keys(PROFILES).join(', ')}; model: the machine to be modelled`,
    },
    seconds: { type: 'string', argument: 'S', description: 'length of one repeat' },
    work: { type: 'string', argument: 'N', description: 'N calls on each CPU instead of a time' },
    repeats: { type: 'string', argument: 'R', description: 'repeats of every point' },
    seed: { type: 'string', argument: 'N', description: 'seed of the random numbers (default 1)' },
    set: {
      type: 'string',
      multiple: true,
      argument: 'KNOB=VALUE',
      description: 'set a knob of the experiments (may be repeated)',
    },
    out: {
      type: 'string',
      argument: 'DIR',
      description: 'folder for the results (default results/TIME)',
    },
    ...moduleOption,
    ...jsonOption,
  },
  details: [
    'Without names every experiment is measured. Without --seconds and --repeats the run is planned\nto end in time: quick 25 s, default 95 s, thorough 10 min.',
    'The folder gets record.msgpack (everything, all repeats), results.json and report.html.\nCtrl-C keeps what was measured; once more quits at once.',
  ],
  examples: [
    'percpu scale',
    'percpu scale lock-handover --variants ticket,mcs --cpus 1,2 --set heldNs=200',
    'percpu scale counter --seconds 0.5 --repeats 7 --json > counter.json',
  ],
  run: runScale,
};

async function runScale(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const request = readRequest(args);
  const catalogue = await readCatalogue({ cwd: terminal.cwd, modules: request.modules });
  const host = hostOf(catalogue.versions, request.clock);
  const { points, notices } = selectPoints(
    catalogue,
    { ...request, variants: request.variants ?? undefined, cpus: request.cpus ?? undefined },
    host.cores,
  );
  const budget = readBudget(args, request.clock);
  const effort = planEffort(points, budget);
  // Whatever an experiment does not accept is said now, not in the middle of the run.
  for (const point of points) toCell(point, undefined, request.seed);
  const profile = request.profile ?? undefined;
  const engine = await openEngine(request.clock, { profile }, { cwd: terminal.cwd });
  const created = new Date();
  const out = args.text('out') ?? join('results', folderName(created));
  const folder = prepareFolder(resolve(terminal.cwd, out));

  using interrupts = new Interrupts(terminal);
  for (const notice of notices) terminal.warn(notice);
  terminal.say(
    `${plural(points.length, 'point')} on ${host.cpuModel}, ${plural(host.cores, 'CPU')}; load ${(host.load[0] ?? 0).toFixed(2)}`,
  );
  let planned = 0;
  const progress = new Progress(terminal, () => planned);
  const session = await runSession({
    engine,
    points,
    effort,
    budget,
    calls: request.calls ?? undefined,
    seed: request.seed,
    profile,
    signal: interrupts.signal,
    now: () => performance.now() / 1000,
    watch: {
      planned: (seconds) => (planned = seconds),
      begins: (name) => progress.begin(name),
      done: (seconds) => progress.advance(seconds),
      failed: ({ experiment, variant, cpus, message }) => {
        progress.clear();
        terminal.error(`${experiment} ${variant}, ${plural(cpus, 'CPU')} failed: ${message}`);
      },
    },
  });
  progress.clear();

  const record = await makeRecord({
    request,
    catalogue,
    host,
    created,
    points,
    session,
    notices,
    loadAfter: readLoad(),
    cwd: terminal.cwd,
  });
  writeRun(folder, record, renderReport(record));
  for (const notice of record.notices.slice(notices.length)) terminal.warn(notice);
  if (args.flag('json')) terminal.printJson(toResults(record));
  else printResults(terminal, record);
  const shown = relative(terminal.cwd, folder.path);
  const where = shown.startsWith('..') || shown === '' ? folder.path : shown;
  if (session.interrupted) {
    const kept = `${session.cells.length} of ${plural(points.length, 'point')}`;
    terminal.say(`interrupted: ${kept} kept in ${where}`);
    return interrupts.exitCode ?? ExitCode.interrupted;
  }
  const took = (Date.now() - created.getTime()) / 1000;
  terminal.say(`${formatDuration(took)}; report: ${join(where, 'report.html')}`);
  return session.failures.length > 0 ? ExitCode.unexpected : ExitCode.expected;
}

function readRequest(args: Arguments): RunRequest {
  const clock = readClock(args.text('clock'));
  const cpus = args.text('cpus');
  const variants = args.text('variants');
  const seed = args.text('seed');
  const calls = args.text('work');
  const profile = args.text('profile');
  return {
    program: import.meta.url.endsWith('.ts') ? ['npm', 'run', 'percpu', '--'] : ['percpu'],
    names: args.operands,
    variants: variants === undefined ? null : readNames('variants', variants),
    cpus: cpus === undefined ? null : readCpuCounts(cpus),
    clock,
    // Under the parallel clock a profile is only an amount of time.
    profile: clock === 'model' ? (profile ?? null) : null,
    knobs: args.all('set').map(readAssignment),
    calls:
      calls === undefined ? null : readNumber('work', calls, { least: 1, most: 1e9, whole: true }),
    modules: args.all('module'),
    seed:
      seed === undefined ? 1 : readNumber('seed', seed, { least: 0, most: 2 ** 32, whole: true }),
  };
}

function readClock(text: string | undefined): Clock {
  if (text === undefined || text === 'parallel') return 'parallel';
  if (text === 'model') return 'model';
  throw new UsageError(`--clock: "${text}" is no clock; accepted are parallel and model`);
}

function readBudget(args: Arguments, clock: Clock): Budget {
  const seconds = args.text('seconds');
  const repeats = args.text('repeats');
  const profile = args.text('profile');
  if (seconds !== undefined && args.text('work') !== undefined) {
    throw new UsageError('--seconds and --work exclude each other: a time or a number of calls');
  }
  const measureSeconds =
    seconds === undefined
      ? undefined
      : readNumber('seconds', seconds, { least: 0.001, most: MOST_SECONDS, unit: 's' });
  const count =
    repeats === undefined
      ? undefined
      : readNumber('repeats', repeats, { least: 1, most: MOST_REPEATS, whole: true });
  const limit = clock === 'model' ? undefined : readProfile(profile);
  // Who names both has said how long it is to take; who names one leaves the rest to the plan.
  const free = measureSeconds !== undefined && count !== undefined;
  return { seconds: free ? undefined : limit, measureSeconds, repeats: count };
}

function readProfile(name: string | undefined): number {
  const seconds = PROFILES[name ?? 'default'];
  if (seconds !== undefined) return seconds;
  throw new UsageError(
    `--profile: "${name ?? ''}" is unknown; under the parallel clock there are ${Object.keys(PROFILES).join(', ')}`,
  );
}
