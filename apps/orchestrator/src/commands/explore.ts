import { availableParallelism } from 'node:os';
import { unknownName } from '@percpu/experiment';
import type { Exploration, ExplorationResult } from '@percpu/experiment';
import type { Arguments, Command } from '../cli/command.ts';
import { ExitCode, messageOf, UsageError } from '../cli/errors.ts';
import { Interrupts } from '../cli/interrupt.ts';
import type { Terminal } from '../cli/terminal.ts';
import { readNumber } from '../cli/values.ts';
import { findEntry, readCatalogue } from '../discovery/catalogue.ts';
import type { Catalogue, Discovered } from '../discovery/catalogue.ts';
import { findExplorer } from '../explore/explorer.ts';
import type { Explorer, ExploreOrder } from '../explore/explorer.ts';
import { judge } from '../explore/judge.ts';
import { printResult, printTotal } from './explore-print.ts';
import { ExploreProgressLine } from './explore-progress.ts';
import { jsonOption, moduleOption } from './options.ts';

/** Each exploration holds the memory of a machine. */
const MOST_AT_ONCE = 8;

export const explore: Command = {
  name: 'explore',
  summary: 'search the interleavings of a program for bugs',
  operands: 'NAME…',
  operandCount: [0, 1000],
  options: {
    package: {
      type: 'string',
      argument: 'PACKAGE',
      description: 'all explorations of this package',
    },
    strategy: {
      type: 'string',
      argument: 'S',
      description: 'how schedules are chosen; the explorer names them when it knows no such one',
    },
    schedules: { type: 'string', argument: 'N', description: 'at most so many schedules' },
    seconds: { type: 'string', argument: 'S', description: 'at most so long, for each of them' },
    seed: { type: 'string', argument: 'N', description: 'seed of the random strategies' },
    replay: { type: 'string', argument: 'STR', description: 'run exactly this schedule again' },
    ...moduleOption,
    ...jsonOption,
  },
  details: [
    'Exit code 0 when all ended as they should: correct programs without a failure, busted twins with\nthe failure that they were made for. A search that was not exhausted has shown nothing about the\nschedules that it did not run.',
    'With --json: one document for one name, a list of them for several or for a package.',
  ],
  examples: [
    'percpu explore litmus-sb',
    'percpu explore --package @percpu/locks --seconds 10',
    "percpu explore NAME --replay 'STR'",
  ],
  run: runExplore,
};

async function runExplore(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const limits = readLimits(args);
  const search = { cwd: terminal.cwd };
  const catalogue = await readCatalogue({ ...search, modules: args.all('module') });
  const chosen = choose(args, catalogue);
  const found = await findExplorer(search);
  if (found === undefined) {
    throw new UsageError(
      `cannot explore "${chosen[0]?.entry.name ?? ''}": no explorer is installed; @percpu/explore brings one`,
    );
  }
  const { explorer } = found;
  const strategy = readStrategy(args, explorer);
  using interrupts = new Interrupts(terminal);
  const results: ExplorationResult[] = [];
  let asExpected = true;
  const explored = inOrder(chosen, (one) =>
    exploreOne(explorer, one, terminal, {
      ...limits,
      ...(strategy === undefined ? {} : { strategy }),
      signal: interrupts.signal,
    }),
  );
  for await (const [one, result] of explored) {
    if (result === undefined) {
      asExpected = false;
      continue;
    }
    results.push(result);
    const verdict = judge(one.entry, result);
    if (!verdict.expected) asExpected = false;
    if (!args.flag('json')) printResult(terminal, one, result, verdict, chosen.length === 1);
    else terminal.say(`${result.name}: ${verdict.says}`);
  }
  if (args.flag('json')) {
    const single = args.operands.length === 1 && args.text('package') === undefined;
    if (!single) terminal.printJson(results);
    else if (results[0] !== undefined) terminal.printJson(results[0]);
  } else if (chosen.length > 1) printTotal(terminal, chosen, results);
  if (interrupts.exitCode !== undefined) return interrupts.exitCode;
  return asExpected ? ExitCode.expected : ExitCode.unexpected;
}

/**
 * What came of each, in the order of the list, while others are at work: as many as there are cores. Each has a
 * thread of its own and shares nothing with the others.
 */
async function* inOrder<T, R>(
  list: readonly T[],
  work: (one: T) => Promise<R>,
): AsyncGenerator<readonly [T, R], void> {
  const atOnce = Math.min(MOST_AT_ONCE, availableParallelism());
  const running: Promise<R>[] = [];
  for (const [index, one] of list.entries()) {
    while (running.length < list.length && running.length < index + atOnce) {
      const next = work(list[running.length]!);
      // Whatever is thrown is for the turn of this one, which may come later.
      next.catch(() => undefined);
      running.push(next);
    }
    yield [one, await running[index]!];
  }
}

type Limits = Pick<ExploreOrder, 'schedules' | 'seconds' | 'seed' | 'replay'>;

function readLimits(args: Arguments): Limits {
  const number = (
    name: string,
    least: number,
    most: number,
    whole = true,
  ): Record<string, number> => {
    const text = args.text(name);
    return text === undefined ? {} : { [name]: readNumber(name, text, { least, most, whole }) };
  };
  const replay = args.text('replay');
  if (replay !== undefined) {
    const other = ['strategy', 'schedules', 'seconds', 'seed'].find(
      (name) => args.text(name) !== undefined,
    );
    if (other !== undefined) {
      throw new UsageError(`--replay runs one schedule, so --${other} has no meaning beside it`);
    }
    if (args.operands.length !== 1) {
      throw new UsageError('--replay needs the one NAME whose schedule it is');
    }
  }
  return {
    ...number('schedules', 1, 1e12),
    ...number('seconds', 0.001, 86_400, false),
    ...number('seed', 0, 2 ** 32),
    ...(replay === undefined ? {} : { replay }),
  };
}

/** What was asked for by name or package. @throws ChoiceError or UsageError naming what there is. */
function choose(args: Arguments, { explorations }: Catalogue): readonly Discovered<Exploration>[] {
  const from = args.text('package');
  if (from === undefined && args.operands.length === 0) {
    throw new UsageError(
      `percpu explore needs a NAME, or --package for all of a package; ${describe(explorations)}`,
    );
  }
  const named = [...new Set(args.operands)].map((name) =>
    findEntry('exploration', explorations, name),
  );
  if (from === undefined) return named;
  const packages = [...new Set(explorations.map((found) => found.package))];
  if (!packages.includes(from)) throw unknownName('package with explorations', from, packages);
  const own = explorations.filter((found) => found.package === from);
  return [...new Set([...named, ...own])];
}

function describe(explorations: readonly Discovered<Exploration>[]): string {
  if (explorations.length === 0) return 'no installed package brings explorations';
  const packages = [...new Set(explorations.map((found) => found.package))];
  const lists = packages.map((from) => {
    const own = explorations.filter((found) => found.package === from);
    return `  ${from}: ${own.map(({ entry }) => entry.name).join(' ')}`;
  });
  return `there are:\n${lists.join('\n')}`;
}

function readStrategy(args: Arguments, { strategies }: Explorer): string | undefined {
  const name = args.text('strategy');
  if (name === undefined || strategies.includes(name)) return name;
  throw unknownName('strategy', name, strategies);
}

/** Undefined when there is no result: interrupted, or failed for a reason that has been said. */
async function exploreOne(
  explorer: Explorer,
  { entry, module }: Discovered<Exploration>,
  terminal: Terminal,
  order: Omit<ExploreOrder, 'module' | 'name' | 'progress'>,
): Promise<ExplorationResult | undefined> {
  const line = new ExploreProgressLine(terminal, entry.name);
  try {
    return await explorer.explore({
      ...order,
      module,
      name: entry.name,
      progress: (so) => line.show(so),
    });
  } catch (error) {
    if (order.signal.aborted) return undefined;
    line.clear();
    // By name: what comes out of a worker thread has lost its class.
    const kind = error instanceof Error ? error.name : '';
    const said = messageOf(error).replace(/^replay: /, '');
    if (kind === 'ReplayError') throw new UsageError(`--replay: ${said}`);
    if (kind === 'ChoiceError') throw new UsageError(said);
    terminal.error(`${entry.name}: ${said}`);
    return undefined;
  } finally {
    line.clear();
  }
}
