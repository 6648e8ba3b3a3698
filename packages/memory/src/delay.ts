/**
 * Burning host time: work that touches nothing shared.
 *
 * A look at the clock costs 30 ns and more, so short delays run a loop of dependent arithmetic whose
 * speed is measured at the first call (some 10 ms); from 2 µs on the clock decides, and the loop
 * only spaces out the looks.
 */
import type { Clock } from './clock.ts';

/** From here on the clock is asked. In ns. */
const ASK_CLOCK_FROM = 2_000;
/** Between two looks at the clock, in ns. What is less at the end is not looked at again. */
const BETWEEN_LOOKS = 250;

const SHORT_RUN = 64;
const LONG_RUN = 4_096;
/** The search ends after so many rounds without anything noticeably faster: some 5 ms. */
const BARREN_ROUNDS = 150;
const NOTICEABLY_FASTER = 0.97;
/** In ns. */
const LONGEST_SEARCH = 50e6;
/** Calls a round, to see what one costs beside its loop. */
const CALLS = 256;

export class Delay {
  readonly #clock: Clock;
  /** Loop rounds a nanosecond; 0 = not measured yet. */
  #perNs = 0;
  /** What a call costs beside its loop, in ns. */
  #callNs = 0;
  /** What a look at the clock costs, in ns. */
  #clockNs = 0;
  /** Keeps the loop from being thrown away as dead. */
  #sink = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  burn(ns: number): void {
    if (this.#perNs === 0) this.#calibrate();
    if (ns < ASK_CLOCK_FROM) this.#spin((ns - this.#callNs) * this.#perNs);
    else this.#burnByClock(ns);
  }

  #burnByClock(ns: number): void {
    // A look shows the time in its middle: half of it was before, half is still to come.
    const halfLook = this.#clockNs / 2;
    const end = this.#clock() - halfLook + ns;
    for (;;) {
      const left = end - this.#clock() - halfLook;
      if (left < BETWEEN_LOOKS) {
        this.#spin(left * this.#perNs);
        return;
      }
      this.#spin((BETWEEN_LOOKS - this.#clockNs) * this.#perNs);
    }
  }

  #spin(rounds: number): void {
    let value = this.#sink;
    const last = rounds | 0;
    // A linear congruential generator (Knuth, TAOCP 2, §3.3.4): each round waits for the one before.
    for (let round = 0; round < last; round++) value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0;
    this.#sink = value;
  }

  /**
   * The fastest of many runs counts: whatever interrupts a run only makes it longer. V8 optimises the
   * loop on another thread, whenever that gets a core: so the search goes on while it finds anything
   * faster.
   */
  #calibrate(): void {
    let look = Infinity;
    let short = Infinity;
    let long = Infinity;
    let calls = Infinity;
    const start = this.#clock();
    for (let barren = 0; barren < BARREN_ROUNDS && this.#clock() - start < LONGEST_SEARCH; barren++) {
      look = Math.min(look, this.#timeOf(0, 0));
      short = Math.min(short, this.#timeOf(1, SHORT_RUN));
      calls = Math.min(calls, this.#timeOf(CALLS, SHORT_RUN));
      const run = this.#timeOf(1, LONG_RUN);
      if (run < long * NOTICEABLY_FASTER) barren = 0;
      long = Math.min(long, run);
    }
    // A clock too coarse to see the loop must not make it endless.
    const nsPerRound = Math.max((long - short) / (LONG_RUN - SHORT_RUN), 0.1);
    this.#perNs = 1 / nsPerRound;
    this.#callNs = Math.max((calls - look) / CALLS - SHORT_RUN * nsPerRound, 0);
    this.#clockNs = Math.min(look, BETWEEN_LOOKS / 2);
  }

  #timeOf(calls: number, rounds: number): number {
    const start = this.#clock();
    for (let call = 0; call < calls; call++) this.#spin(rounds);
    return this.#clock() - start;
  }
}
