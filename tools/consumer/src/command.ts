import { spawn } from 'node:child_process';

export interface Ended {
  readonly ok: boolean;
  readonly stdout: string;
  /** stdout and stderr as they came. */
  readonly output: string;
}

/** Runs a command to its end. A command that does not exist has `ok: false` and says so. */
export function run(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', (error) => done({ ok: false, stdout: '', output: error.message }));
    child.on('close', (code) => done({ ok: code === 0, stdout, output }));
  });
}

/** What a command that must succeed has failed with. */
export class CommandFailed extends Error {
  readonly output: string;

  constructor(command: string, output: string) {
    super(`\`${command}\` failed:\n${output.trim()}`);
    this.output = output;
  }
}

export async function mustRun(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<string> {
  const { ok, stdout, output } = await run(command, args, cwd);
  if (!ok) throw new CommandFailed([command, ...args].join(' '), output);
  return stdout;
}

/** Did npm fail because there is no registry, rather than because of us? */
export function isOffline(error: unknown): boolean {
  return (
    error instanceof CommandFailed &&
    /code (ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT|E5\d\d)/.test(
      error.output,
    )
  );
}

/** npm options that keep it to its task: no questions to the registry that are not needed. */
export const QUIET: readonly string[] = [
  '--no-audit',
  '--no-fund',
  '--ignore-scripts',
  '--loglevel=error',
  '--prefer-offline',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=10000',
];
