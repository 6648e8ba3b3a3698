import { formatDuration } from '../format.ts';
import type { Terminal } from './terminal.ts';

const REDRAW_MS = 100;
const BAR = 28;

/**
 * The progress of a run on standard error: a bar that redraws itself on a terminal, a line every
 * so often elsewhere (a log file should not fill with bars).
 *
 * Time left is what the work done so far took, scaled to the work that remains; the unit of work
 * is the caller's (here: expected seconds).
 */
export class Progress {
  readonly #terminal: Terminal;
  readonly #total: () => number;
  readonly #clock: () => number;
  readonly #started: number;
  readonly #live: boolean;
  #done = 0;
  #label = '';
  #lastDraw = Number.NEGATIVE_INFINITY;
  #lastPercent = -1;

  /** `total` is asked again on every draw, because a plan may shrink while it runs. */
  constructor(
    terminal: Terminal,
    total: () => number,
    clock: () => number = performance.now.bind(performance),
  ) {
    this.#terminal = terminal;
    this.#total = total;
    this.#clock = clock;
    this.#started = clock();
    // TERM=dumb is a terminal that cannot move its cursor (an editor's shell window, say).
    this.#live = terminal.stderr.isTTY === true && terminal.env.TERM !== 'dumb';
  }

  /** Says what is being worked on now. */
  begin(label: string): void {
    this.#label = label;
    this.#draw();
  }

  /** Says that so much work is done. */
  advance(work: number): void {
    this.#done += work;
    this.#draw();
  }

  /** Removes the bar, so that a message can be printed where it was. */
  clear(): void {
    if (this.#live) this.#terminal.stderr.write('\r\u001B[2K');
    this.#lastDraw = Number.NEGATIVE_INFINITY;
  }

  /** Share of the work that is done, 0 … 1. */
  get share(): number {
    const total = this.#total();
    return total <= 0 ? 1 : Math.min(1, this.#done / total);
  }

  /** Seconds left, or undefined while too little is done to tell. */
  get secondsLeft(): number | undefined {
    const share = this.share;
    if (share < 0.02) return undefined;
    const spent = (this.#clock() - this.#started) / 1000;
    return (spent / share) * (1 - share);
  }

  #draw(): void {
    if (this.#live) this.#drawBar();
    else this.#writeMilestone();
  }

  #drawBar(): void {
    const now = this.#clock();
    if (now - this.#lastDraw < REDRAW_MS) return;
    this.#lastDraw = now;
    const filled = Math.round(this.share * BAR);
    const bar =
      this.#terminal.onStderr('cyan', '━'.repeat(filled)) +
      this.#terminal.onStderr('dim', '─'.repeat(BAR - filled));
    const left = this.secondsLeft;
    const end = left === undefined ? '' : `  ${formatDuration(Math.max(1, Math.round(left)))} left`;
    const percent = `${Math.floor(this.share * 100)}`.padStart(3);
    // Room for what surrounds the label; a line that wraps could not be redrawn in place.
    const room = (this.#terminal.stderr.columns ?? 80) - BAR - end.length - 12;
    const label = this.#label.slice(0, Math.max(0, room));
    this.#terminal.stderr.write(`\r\u001B[2K  ${bar} ${percent} %${end}  ${label}`);
  }

  /** Elsewhere than on a terminal: one line at every tenth. */
  #writeMilestone(): void {
    const tenth = Math.floor(this.share * 10) * 10;
    if (tenth <= this.#lastPercent) return;
    this.#lastPercent = tenth;
    if (tenth > 0) this.#terminal.say(`  ${tenth} % ${this.#label}`.trimEnd());
  }
}
