import { stripVTControlCharacters, styleText } from 'node:util';
import type { Writable } from 'node:stream';

type Format = Parameters<typeof styleText>[0];

/** A stream that may be a terminal. */
export interface Screen extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What a command may write to, and what it may know about where it runs. */
export interface TerminalOptions {
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * The two ways out of the command. Standard output is for results: a table, or one JSON document
 * and nothing else. Everything said along the way goes to standard error.
 *
 * Colour follows NO_COLOR, FORCE_COLOR and whether the stream is a terminal (node:util styleText).
 */
export class Terminal {
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;

  constructor(options: TerminalOptions) {
    this.stdout = options.stdout;
    this.stderr = options.stderr;
    this.env = options.env;
    this.cwd = options.cwd;
  }

  /** A line of the result. */
  print(line = ''): void {
    this.stdout.write(`${line}\n`);
  }

  /** The result as one JSON document. Nothing else may be printed in the same run. */
  printJson(document: unknown): void {
    this.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  }

  /** A line about the run, not part of its result. */
  say(line = ''): void {
    this.stderr.write(`${line}\n`);
  }

  warn(message: string): void {
    this.say(`${this.onStderr('yellow', 'warning:')} ${message}`);
  }

  error(message: string): void {
    this.say(`${this.onStderr('red', 'percpu:')} ${message}`);
  }

  /** Styled for standard output. */
  style(format: Format, text: string): string {
    return styleText(format, text, { stream: this.stdout });
  }

  /** Styled for standard error. */
  onStderr(format: Format, text: string): string {
    return styleText(format, text, { stream: this.stderr });
  }

  /** Columns of the terminal that shows standard output; 100 when it is a file or a pipe. */
  get width(): number {
    return this.stdout.columns ?? 100;
  }
}

/** Number of columns a text takes when shown, colour codes not counted. */
export function shownLength(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
