/** Runs steps one after another, those that use one core two at a time, and tells how they went. */
import { spawn } from 'node:child_process';

export interface Step {
  readonly name: string;
  readonly about: string;
  readonly command: readonly string[];
  /**
   * Neighbours with the same word here run side by side, two at a time: each keeps one core busy, and none
   * needs or disturbs what another writes. What they print is shown when they have ended.
   */
  readonly beside?: string;
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

/** A step that has not ended by then hangs. The whole of `npm test` should take under 8 minutes on two cores. */
const LIMIT_MS = 15 * 60_000;

/** Steps that run side by side: as many as the cores of the smallest host that this is for. */
const AT_ONCE = 2;

export async function runSteps(steps: readonly Step[], options: RunOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let stopped = false;
  for (const group of groupsOf(steps)) {
    const ended = group.map((step): Outcome => ({ step, result: 'not run', seconds: 0 }));
    const waiting = group.entries();
    const work = async (): Promise<void> => {
      for (const [at, step] of waiting) {
        if (stopped || options.signal.aborted) return;
        const outcome = await (group.length === 1 ? runAlone : runBeside)(step, options);
        ended[at] = outcome;
        stopped ||= options.failFast && outcome.result === 'failed';
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    outcomes.push(...ended);
  }
  return outcomes;
}

/** Neighbours that may run side by side; any other step is a group of its own. */
function groupsOf(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    const fits = step.beside !== undefined && last?.[0]?.beside === step.beside;
    if (fits) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

const title = ({ name, about }: Step): string => `\n── ${name}: ${about}`;

function runAlone(step: Step, options: RunOptions): Promise<Outcome> {
  options.say(title(step));
  return runStep(step, options, 'inherit');
}

async function runBeside(step: Step, options: RunOptions): Promise<Outcome> {
  const printed: string[] = [];
  const outcome = await runStep(step, options, 'pipe', (text) => printed.push(text));
  options.say(`${title(step)}\n${printed.join('').trimEnd()}`.trimEnd());
  return outcome;
}

function runStep(
  step: Step,
  { cwd, env, signal }: RunOptions,
  output: 'inherit' | 'pipe',
  hear: (text: string) => void = () => undefined,
): Promise<Outcome> {
  const [command, ...args] = step.command;
  if (command === undefined) throw new Error(`the step ${step.name} has no command`);
  const start = performance.now();
  return new Promise((done) => {
    const end = (ended: number | string): void => {
      signal.removeEventListener('abort', kill);
      const seconds = (performance.now() - start) / 1000;
      done({ step, result: ended === 0 ? 'passed' : 'failed', seconds, ended });
    };
    // No stdin: a tool that would ask a question gets none answered, here as in CI.
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', output, output],
      timeout: LIMIT_MS,
    });
    const kill = (): boolean => child.kill('SIGTERM');
    signal.addEventListener('abort', kill);
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', hear);
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
