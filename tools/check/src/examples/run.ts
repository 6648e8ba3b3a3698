/** Runs the examples of a README in a folder and says what is wrong with them. */
import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { extract, instrument, MARK, unmet } from './extract.ts';
import type { Expectation } from './extract.ts';

/** An example that takes longer than this hangs; none should take more than a second or two. */
const LIMIT_MS = 120_000;

export interface RunOptions {
  /** The Node to run them with. */
  readonly node: string;
  readonly nodeOptions?: readonly string[];
  readonly limitMs?: number;
}

export interface WrittenExample {
  readonly file: string;
  readonly runs: boolean;
  readonly line: number;
  readonly expected: readonly Expectation[];
}

/** Writes all blocks of a README into `folder`, which is emptied first. */
export async function writeExamples(
  readme: string,
  name: string,
  folder: string,
): Promise<WrittenExample[]> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const written: WrittenExample[] = [];
  for (const example of extract(readme, name)) {
    const { code, expected } = instrument(example);
    await writeFile(join(folder, example.file), code);
    written.push({ file: example.file, runs: example.runs, line: example.line, expected });
  }
  return written;
}

/** One line, or a few, for each failure; empty when all is as the README says. */
export async function runExamples(
  examples: readonly WrittenExample[],
  folder: string,
  options: RunOptions,
): Promise<string[]> {
  const problems: string[] = [];
  const loaded = examples.filter(({ runs }) => !runs).flatMap(({ expected }) => expected);
  const seen: string[] = [];
  for (const { file, runs, line, expected } of examples) {
    if (!runs) continue;
    const { code, stdout, stderr } = await runModule(file, folder, options);
    seen.push(stdout);
    if (code !== 0) {
      const other = stdout
        .split('\n')
        .filter((text) => !text.startsWith(MARK))
        .join('\n');
      problems.push(`the example at line ${line} ended with ${code}:\n${other}${stderr}`.trimEnd());
    }
    problems.push(...unmet(expected, stdout));
  }
  // A program that others load prints through whoever runs it.
  problems.push(...unmet(loaded, seen.join('\n')));
  return problems;
}

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

function runModule(file: string, folder: string, options: RunOptions): Promise<Ended> {
  const { node, nodeOptions = [], limitMs = LIMIT_MS } = options;
  return new Promise((done, fail) => {
    const child = spawn(node, [...nodeOptions, file], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', fail);
    child.on('close', (code, signal) => {
      const slow = child.killed ? `, after ${limitMs / 1000} s without an end` : '';
      done({ code: code ?? `${signal ?? 'no exit code'}${slow}`, stdout, stderr });
    });
  });
}
