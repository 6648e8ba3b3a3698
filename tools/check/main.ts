/**
 * `npm test`: everything that must be green.
 *
 *   npm test                         all steps; goes on after a failure, so that one run tells all
 *   npm test -- --fail-fast          stops at the first failure
 *   npm test -- --only lint,types    some steps
 *   npm test -- --list               their names
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runSteps, summary } from './src/run-steps.ts';
import { chooseSteps } from './src/choose-steps.ts';
import { STEPS } from './src/steps.ts';

const root = join(import.meta.dirname, '../..');

function options(): { failFast: boolean; list: boolean; only: string | undefined } {
  const { values } = parseArgs({
    options: {
      'fail-fast': { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  return { failFast: values['fail-fast'], list: values.list, only: values.only };
}

async function main(): Promise<number> {
  const { failFast, list, only } = options();
  const steps = chooseSteps(STEPS, only);
  if (list) {
    for (const { name, about } of steps) console.log(`${name.padEnd(12)}${about}`);
    return 0;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  const outcomes = await runSteps(steps, {
    failFast,
    cwd: root,
    // A daemon would stay behind when we are done.
    env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' },
    signal: stop.signal,
    say: (line) => console.log(line),
  });
  console.log(summary(outcomes));
  return outcomes.every(({ result }) => result === 'passed') ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`npm test: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
