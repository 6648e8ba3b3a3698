import type { Terminal } from '../cli/terminal.ts';
import type { ExploreProgress } from '../explore/explorer.ts';
import { formatDuration, formatRate, plural } from '../format.ts';

const REDRAW_MS = 100;
/** Elsewhere than on a terminal: seconds between two lines. */
const EVERY_SECONDS = 10;

/**
 * How far a search is, on standard error. Nobody knows how many schedules there are, so there is no
 * bar: a line that redraws itself, or in a file a line now and then.
 */
export class ExploreProgressLine {
  readonly #terminal: Terminal;
  readonly #name: string;
  readonly #live: boolean;
  #lastDraw = 0;
  #lastLine = 0;

  constructor(terminal: Terminal, name: string) {
    this.#terminal = terminal;
    this.#name = name;
    this.#live = terminal.stderr.isTTY === true && terminal.env.TERM !== 'dumb';
  }

  show({ schedules, seconds }: ExploreProgress): void {
    const rate = seconds > 0 ? `, ${formatRate(schedules / seconds)}` : '';
    const text = `  ${this.#name}: ${plural(schedules, 'schedule')}, ${formatDuration(seconds)}${rate}`;
    if (this.#live) {
      const now = performance.now();
      if (now - this.#lastDraw < REDRAW_MS) return;
      this.#lastDraw = now;
      const room = (this.#terminal.stderr.columns ?? 80) - 1;
      this.#terminal.stderr.write(`\r\u001B[2K${text.slice(0, room)}`);
    } else if (seconds - this.#lastLine >= EVERY_SECONDS) {
      this.#lastLine = seconds;
      this.#terminal.say(text);
    }
  }

  clear(): void {
    if (this.#live) this.#terminal.stderr.write('\r\u001B[2K');
  }
}
