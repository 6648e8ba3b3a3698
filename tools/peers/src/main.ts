/** `npm run peers`: our locks beside those of npm and of C, measured in one run. */
import { compileFolder } from './c-team.ts';
import { HELP, readOptions, UsageError } from './options.ts';
import type { Options } from './options.ts';
import { windowFor } from './plan.ts';
import { playRounds } from './rounds.ts';
import { gather } from './subjects.ts';
import { summarise } from './summary.ts';
import type { Summary } from './summary.ts';
import { formatSummary } from './table.ts';
import { WORKS } from './works.ts';

const say = (line: string): void => console.error(`peers: ${line}`);

async function measure({ seconds, rounds }: Options, signal: AbortSignal): Promise<Summary> {
  await using folder = await compileFolder();
  const { subjects, missing } = await gather(folder.path);
  for (const { who, why } of missing) say(`missing: ${who}: ${why}`);
  const window = windowFor(seconds, subjects.length * WORKS.length, rounds);
  const series = await playRounds({ works: WORKS, subjects, rounds, window, signal, say });
  return summarise(series, missing);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(HELP);
    return;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  }
  const summary = await measure(options, stop.signal).catch((error: unknown) => {
    // Ctrl-C reaches the C programs too, and their death is not the news.
    stop.signal.throwIfAborted();
    throw error;
  });
  console.log(options.json ? JSON.stringify(summary, undefined, 2) : formatSummary(summary, WORKS));
}

try {
  await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
