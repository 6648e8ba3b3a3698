/** A lock in C: compiled once, a process of its own for every window. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { patienceMs } from './team.ts';
import type { Team, WindowReport } from './team.ts';

const call = promisify(execFile);

const COMPILERS = ['gcc', 'cc', 'clang'];
const FLAGS = ['-O2', '-Wall', '-Wextra', '-pthread'];
const COMPILE_MS = 60_000;

/** The first compiler that answers; undefined when there is none. */
export async function findCompiler(
  names: readonly string[] = COMPILERS,
): Promise<string | undefined> {
  for (const name of names) {
    try {
      await call(name, ['--version'], { timeout: COMPILE_MS });
      return name;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

/** A folder for compiled peers. `await using` removes it. */
export async function compileFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'percpu-peers-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Compiles one file of `c/`. Returns the program. Rejects with what the compiler said. */
export async function compile(compiler: string, source: URL, folder: string): Promise<string> {
  const file = fileURLToPath(source);
  const program = join(folder, file.slice(file.lastIndexOf('/') + 1, -'.c'.length));
  await call(compiler, [...FLAGS, '-o', program, file], { timeout: COMPILE_MS });
  return program;
}

export function cTeam(program: string, threads: number): Team {
  return {
    async run(window) {
      const { warmUpMs, measureMs } = window;
      const args = [threads, warmUpMs, measureMs].map((value) => String(Math.ceil(value)));
      const { stdout } = await call(program, args, { timeout: patienceMs(window) });
      const { reports, counted } = JSON.parse(stdout) as WindowReport;
      return { reports, counted: counted % 2 ** 32 };
    },
    end: () => Promise.resolve(),
  };
}
