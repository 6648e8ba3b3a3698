import { ExitCode } from './errors.ts';
import type { Terminal } from './terminal.ts';

/**
 * Ctrl-C while something is being measured. The first one asks the run to stop and to keep what it
 * has; the second ends the process at once. The same for SIGTERM.
 */
export class Interrupts {
  readonly #controller = new AbortController();
  readonly #terminal: Terminal;
  readonly #listeners: readonly (readonly [signal: NodeJS.Signals, listener: () => void])[];
  #code: ExitCode | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#listeners = [
      ['SIGINT', () => this.#interrupt(ExitCode.interrupted)],
      ['SIGTERM', () => this.#interrupt(ExitCode.terminated)],
    ];
    for (const [signal, listener] of this.#listeners) process.on(signal, listener);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code that the signal asks for; undefined when there was none. */
  get exitCode(): ExitCode | undefined {
    return this.#code;
  }

  /** Gives the signals back their usual effect. */
  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
  }

  #interrupt(code: ExitCode): void {
    // The threads of the machine are part of this process: none of them outlives it.
    if (this.#code !== undefined) process.exit(code);
    this.#code = code;
    this.#terminal.say();
    this.#terminal.say('stopping; what was measured is kept (once more to quit at once)');
    this.#controller.abort();
  }
}
