/** Runs steps one after another and tells how they went. */
import { spawn } from 'node:child_process';

export interface Step {
  readonly name: string;
  readonly about: string;
  readonly command: readonly string[];
}

export interface Outcome {
  readonly step: Step;
  readonly result: 'passed' | 'failed' | 'not run';
  readonly seconds: number;
  /** Exit code, or the signal that ended it. */
  readonly ended?: number | string;
}

export interface RunOptions {
  readonly failFast: boolean;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C: the step that runs is told, the others do not start. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** A step that has not ended by then hangs. The whole of `npm test` should take under 6 minutes. */
const LIMIT_MS = 15 * 60_000;

export async function runSteps(steps: readonly Step[], options: RunOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let stopped = false;
  for (const step of steps) {
    if (stopped || options.signal.aborted) {
      outcomes.push({ step, result: 'not run', seconds: 0 });
      continue;
    }
    options.say(`\n── ${step.name}: ${step.about}`);
    const outcome = await runStep(step, options);
    outcomes.push(outcome);
    stopped = options.failFast && outcome.result === 'failed';
  }
  return outcomes;
}

function runStep(step: Step, { cwd, env, signal }: RunOptions): Promise<Outcome> {
  const [command, ...args] = step.command;
  if (command === undefined) throw new Error(`the step ${step.name} has no command`);
  const start = performance.now();
  return new Promise((done) => {
    const end = (ended: number | string): void => {
      const seconds = (performance.now() - start) / 1000;
      done({ step, result: ended === 0 ? 'passed' : 'failed', seconds, ended });
    };
    // No stdin: a tool that would ask a question gets none answered, here as in CI.
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: LIMIT_MS,
    });
    signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    child.on('error', (error) => end(error.message));
    child.on('close', (code, by) => end(code ?? by ?? 'no exit code'));
  });
}

/** The table, the command that runs the failed steps again, and the line that CI reads. */
export function summary(outcomes: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ step }) => step.name.length));
  const rows = outcomes.map(({ step, result, seconds, ended }) => {
    const time = result === 'not run' ? '' : `${seconds.toFixed(1)} s`;
    const why =
      result === 'failed' ? `  (${typeof ended === 'number' ? 'exit code ' : ''}${ended})` : '';
    return `${result.padEnd(8)}${time.padStart(9)}  ${step.name.padEnd(width)}  ${step.about}${why}`;
  });
  const count = (wanted: Outcome['result']): number =>
    outcomes.filter(({ result }) => result === wanted).length;
  const failed = outcomes.filter(({ result }) => result === 'failed');
  const total = outcomes.reduce((sum, { seconds }) => sum + seconds, 0);
  return [
    '',
    ...rows,
    `        ${`${total.toFixed(1)} s`.padStart(9)}  in all`,
    ...(failed.length === 0
      ? []
      : ['', `Again: npm test -- --only ${failed.map(({ step }) => step.name).join(',')}`]),
    '',
    `${count('passed')} passed, ${count('failed') + count('not run')} failed`,
  ].join('\n');
}
