import { availableParallelism } from 'node:os';
import type { Torture, TortureResult } from '@percpu/experiment';
import type { Arguments, Command } from '../cli/command.ts';
import { ExitCode, UsageError } from '../cli/errors.ts';
import { Interrupts } from '../cli/interrupt.ts';
import { layOut } from '../cli/table.ts';
import type { Terminal } from '../cli/terminal.ts';
import { readNumber } from '../cli/values.ts';
import { findEntry, readCatalogue } from '../discovery/catalogue.ts';
import type { Discovered } from '../discovery/catalogue.ts';
import { formatDuration } from '../format.ts';
import { runOne } from '../torture/run.ts';
import { jsonOption, moduleOption } from './options.ts';

const DEFAULT_SECONDS = 60;
/** Less than this is mostly start-up. */
const LEAST_SECONDS = 0.1;
/** A day. */
const MOST_SECONDS = 86_400;
/** More CPUs than cores: holders and waiters lose their cores at the worst moments. */
const CPUS_PER_CORE = 2;
const MOST_CPUS = 256;

export const torture: Command = {
  name: 'torture',
  summary: 'use mechanisms as hard as possible, on real threads, every access checked',
  operands: 'NAME…',
  operandCount: [0, 1000],
  options: {
    seconds: {
      type: 'string',
      argument: 'S',
      description: `in all, shared among those chosen (default ${DEFAULT_SECONDS})`,
    },
    cpus: {
      type: 'string',
      argument: 'N',
      description: 'CPUs (default: twice the cores of the host)',
    },
    seed: { type: 'string', argument: 'N', description: 'seed of the random numbers (default 1)' },
    ...moduleOption,
    ...jsonOption,
  },
  details: [
    'NAME: a torture, or a package with or without its scope; none: all there are.\nBusted twins are among them: they must fail, and end as soon as they do.',
    'Exit code 1 when one ended otherwise than it should.',
  ],
  examples: ['percpu torture locks --seconds 600', 'percpu torture mutex-torture --cpus 16'],
  run: runTortures,
};

async function runTortures(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const seconds = readNumber('seconds', args.text('seconds') ?? String(DEFAULT_SECONDS), {
    least: LEAST_SECONDS,
    most: MOST_SECONDS,
  });
  const cpus = readNumber(
    'cpus',
    args.text('cpus') ?? String(Math.min(MOST_CPUS, CPUS_PER_CORE * availableParallelism())),
    { least: 1, most: MOST_CPUS, whole: true },
  );
  const seed = readNumber('seed', args.text('seed') ?? '1', {
    least: 0,
    most: 2 ** 32,
    whole: true,
  });
  const { tortures } = await readCatalogue({ cwd: terminal.cwd, modules: args.all('module') });
  const chosen = choose(args.operands, tortures);
  using interrupts = new Interrupts(terminal);
  const results: TortureResult[] = [];
  const share = Math.max(LEAST_SECONDS, seconds / chosen.length);
  for (const found of chosen) {
    if (interrupts.exitCode !== undefined) return interrupts.exitCode;
    const most = Math.max(cpus, found.entry.minCpus);
    const order = { cpus: most, seconds: share, seed, signal: interrupts.signal };
    const result = await runOne(found, order).catch((error: unknown) => {
      if (interrupts.exitCode === undefined) throw error;
    });
    if (result === undefined) continue;
    results.push(result);
    if (args.flag('json')) terminal.say(`${result.name}: ${verdict(result)}`);
    else printOne(terminal, result);
  }
  if (args.flag('json')) terminal.printJson(results);
  if (interrupts.exitCode !== undefined) return interrupts.exitCode;
  return results.every(({ ok }) => ok) ? ExitCode.expected : ExitCode.unexpected;
}

function choose(
  names: readonly string[],
  tortures: readonly Discovered<Torture>[],
): readonly Discovered<Torture>[] {
  const chosen = names.flatMap((name) => {
    const ofPackage = tortures.filter(
      ({ package: from }) => from.replace(/^@[^/]+\//, '') === name || from === name,
    );
    return ofPackage.length > 0 ? ofPackage : [findEntry('torture', tortures, name)];
  });
  const all = names.length === 0 ? tortures : [...new Set(chosen)];
  if (all.length === 0) throw new UsageError('no installed package brings a torture');
  return all;
}

function verdict({ ok, busted }: TortureResult): string {
  if (busted) return ok ? 'failed, as it must' : 'did not fail as it must';
  return ok ? 'held' : 'failed';
}

function printOne(terminal: Terminal, result: TortureResult): void {
  const { name, package: from, ok, cpus, seconds, rounds, interrupts, busted, message } = result;
  const mark = terminal.style(ok ? 'green' : 'red', ok ? 'ok' : 'not ok');
  const done = busted
    ? formatDuration(seconds)
    : `${rounds} rounds, ${interrupts} interrupts, ${cpus} CPUs, ${formatDuration(seconds)}`;
  for (const line of layOut([[mark, terminal.style('bold', name), verdict(result)]], {
    left: [0, 1, 2],
  }))
    terminal.print(`${line}  ${terminal.style('dim', `${from}; ${done}`)}`);
  if (message !== undefined && !(ok && busted)) {
    for (const line of message.split('\n')) terminal.print(`    ${line}`);
  }
}
