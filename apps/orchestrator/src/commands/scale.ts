import { join, relative, resolve } from 'node:path';
import type { Clock } from '@percpu/experiment';
import type { Arguments, Command } from '../cli/command.ts';
import { ExitCode, messageOf, UsageError } from '../cli/errors.ts';
import { Interrupts } from '../cli/interrupt.ts';
import type { Terminal } from '../cli/terminal.ts';
import { readCatalogue } from '../discovery/catalogue.ts';
import type { Catalogue } from '../discovery/catalogue.ts';
import type { Search } from '../discovery/provided.ts';
import { formatDuration, plural } from '../format.ts';
import { readHostFacts, readLoad } from '../host/facts.ts';
import { PROFILES } from '../measure/budget.ts';
import { findProvider, openEngine } from '../measure/engine.ts';
import { selectPoints, toCell } from '../measure/select.ts';
import type { SelectedPoints, Selection } from '../measure/select.ts';
import type { RunRequest } from '../record/command.ts';
import { hostOf, makeRecord } from '../record/make.ts';
import { toResults } from '../record/record.ts';
import { folderName, prepareFolder, writeRun } from '../record/store.ts';
import { renderReport } from '../report/render.ts';
import { jsonOption, moduleOption } from './options.ts';
import { clocksOf, readClock, readRequest } from './scale-request.ts';
import type { Asked } from './scale-request.ts';
import { runClocks } from './scale-run.ts';
import { printResults } from './scale-table.ts';

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
    clock: {
      type: 'string',
      argument: 'CLOCK',
      description: 'parallel (this host), model (a modelled machine) or both (usual)',
    },
    profile: {
      type: 'string',
      argument: 'P',
      description: `how long (${Object.keys(PROFILES).join(', ')}), or the machine to be modelled: a name or a file`,
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
    'Without --clock and --cpus, what this host cannot show is modelled where a model is installed:\nup to 64 (quick), 256 (default) or 1024 CPUs (thorough). --seconds, --work and --repeats then\nare for the measured part. Modelled time is virtual: the same command gives the same figures.',
    'The folder gets record.msgpack (everything, all repeats), results.json and report.html.\nCtrl-C keeps what was measured; once more quits at once.',
  ],
  examples: [
    'percpu scale',
    'percpu scale lock-handover --variants ticket,mcs --cpus 1,2 --set heldNs=200',
    'percpu scale counter --seconds 0.5 --repeats 7 --json > counter.json',
    'percpu scale lock-handover --clock model --profile MACHINE --cpus 1,64,1024',
  ],
  run: runScale,
};

async function runScale(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const wanted = readClock(args);
  // What was typed wrongly is said before anything is imported.
  readRequest(args, wanted ?? 'both');
  const search = { cwd: terminal.cwd };
  const catalogue = await readCatalogue({ ...search, modules: args.all('module') });
  const asked = readRequest(args, wanted ?? (await usualClock(args, catalogue, search, terminal)));
  const { request } = asked;
  const cores = readHostFacts().availableCpus;
  const select = (clock: Clock): SelectedPoints =>
    clocksOf(request.clock).includes(clock)
      ? selectPoints(catalogue, toSelection(asked, clock), cores)
      : { points: [], notices: [] };
  const { points: measured, notices: first } = select('parallel');
  const { points: unnamed, notices: second } = select('model');
  // Nobody asked for the model in particular, so nobody needs to hear what it does not do.
  const notices = wanted === undefined ? first : [...new Set([...first, ...second])];
  if (measured.length + unnamed.length === 0) {
    throw new UsageError(`nothing is left to measure: ${notices.join('; ')}`);
  }
  // Whatever an experiment does not accept is said now, not in the middle of the run.
  for (const point of [...measured, ...unnamed]) toCell(point, undefined, request.seed);
  const parallel =
    measured.length === 0
      ? undefined
      : await openEngine('parallel', { profile: undefined, ...search }, search);
  const model =
    unnamed.length === 0
      ? undefined
      : await openEngine('model', { profile: request.profile ?? undefined, ...search }, search);
  const machine = model?.machine;
  const modelled = unnamed.map((point) => ({
    ...point,
    ...(machine === undefined ? {} : { profile: machine.name }),
  }));
  const host = hostOf(catalogue.versions, measured.length > 0);
  const created = new Date();
  const out = args.text('out') ?? join('results', folderName(created));
  const folder = prepareFolder(resolve(terminal.cwd, out));

  using interrupts = new Interrupts(terminal);
  for (const notice of notices) terminal.warn(notice);
  if (measured.length > 0) {
    terminal.say(
      `${plural(measured.length, 'point')} on ${host.cpuModel}, ${plural(host.cores, 'CPU')}; load ${(host.load[0] ?? 0).toFixed(2)}`,
    );
  }
  if (modelled.length > 0) {
    terminal.say(
      `${plural(modelled.length, 'point')} modelled: ${machine?.title ?? machine?.name ?? 'model'}`,
    );
  }
  const session = await runClocks(
    { measured, parallel: parallel?.engine, modelled, model },
    asked,
    interrupts.signal,
    terminal,
  );

  const points = [...measured, ...modelled];
  const record = await makeRecord({
    request,
    catalogue,
    host,
    created,
    points,
    session,
    notices,
    machines: machine === undefined ? [] : [machine],
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

/**
 * Measured on this host, and modelled beyond it where a model is installed. Counts that were asked for
 * are measured. A model that nobody asked for does not stop anybody from measuring.
 */
async function usualClock(
  args: Arguments,
  catalogue: Catalogue,
  search: Search,
  terminal: Terminal,
): Promise<RunRequest['clock']> {
  const chosen = catalogue.experiments.filter(
    ({ entry }) => args.operands.length === 0 || args.operands.includes(entry.name),
  );
  const some = chosen.some(({ entry }) => entry.cpus.model !== undefined);
  if (!some || args.text('cpus') !== undefined) return 'parallel';
  try {
    return (await findProvider('model', search)) === undefined ? 'parallel' : 'both';
  } catch (error) {
    terminal.warn(`nothing is modelled: ${messageOf(error)}`);
    return 'parallel';
  }
}

function toSelection({ request, mostModelled }: Asked, clock: Clock): Selection {
  return {
    names: request.names,
    variants: request.variants ?? undefined,
    cpus: request.cpus ?? undefined,
    clock,
    knobs: request.knobs,
    ...(clock === 'model' && mostModelled !== undefined ? { mostCpus: mostModelled } : {}),
  };
}
