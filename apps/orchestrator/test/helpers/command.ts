import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../src/cli/run.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { commands } from '../../src/commands/all.ts';
import { ownVersion } from '../../src/host/versions.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** An experiment module of a user, for `--module`. */
export const DEMO: string = fileURLToPath(new URL('../fixtures/demo.ts', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly outcome: Promise<Outcome>;
  /** Resolves as soon as standard error holds such a text; rejects when the command ends before. */
  saw(text: RegExp): Promise<void>;
}

export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'percpu-test-'));
}

/** Starts the command from source as a process, in a folder of its own unless one is named. */
export function start(args: readonly string[], cwd: string = emptyFolder()): RunningCommand {
  const child = spawn(process.execPath, ['--conditions=@percpu/source', MAIN, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '', FORCE_COLOR: undefined },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const outcome = new Promise<Outcome>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    child,
    outcome,
    saw: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (text.test(stderr)) resolve();
        };
        child.stderr.on('data', look);
        child.on('close', () =>
          reject(new Error(`ended without saying ${String(text)}: ${stderr}`)),
        );
        look();
      }),
  };
}

/** The command as a process, to its end: for what a process adds, its streams and its exit code. */
export function runProcess(args: readonly string[], cwd?: string): Promise<Outcome> {
  return start(args, cwd).outcome;
}

/** What `main.ts` does, in this process: the same command without the start of a Node. */
export async function run(args: readonly string[], cwd: string = emptyFolder()): Promise<Outcome> {
  // Node's own styling asks the process for this one, whatever the stream is.
  delete process.env.FORCE_COLOR;
  const [stdout, stderr] = [new Collected(), new Collected()];
  const env = { ...process.env, NO_COLOR: '1' };
  const terminal = new Terminal({ stdout, stderr, env, cwd });
  const code = await runCommandLine(commands, args, terminal, ownVersion());
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Collected extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
