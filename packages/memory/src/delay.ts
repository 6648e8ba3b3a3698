/**
 * Burning host time: work that touches nothing shared.
 *
 * A look at the clock costs 30 ns and more, so short delays run a loop of dependent arithmetic whose
 * speed is measured at the first call; from 2 µs on the clock decides, and the loop only spaces
 * out the looks.
 */
import type { Clock } from './clock.ts';

/** From here on the clock is asked. In ns. */
const ASK_CLOCK_FROM = 2_000;
/** Between two looks at the clock. In ns. */
const BETWEEN_LOOKS = 200;

const SHORT_RUN = 64;
const LONG_RUN = 4_096;
const ROUNDS = 24;
/** Runs that make V8 optimise the loop before anything is measured. */
const WARM_UP_RUNS = 64;

export class Delay {
  readonly #clock: Clock;
  /** Loop rounds a nanosecond; 0 = not measured yet. */
  #perNs = 0;
  /** What a call costs by itself, in ns. */
  #callNs = 0;
  /** Keeps the loop from being thrown away as dead. */
  #sink = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  burn(ns: number): void {
    if (this.#perNs === 0) this.#calibrate();
    if (ns < ASK_CLOCK_FROM) {
      this.#spin((ns - this.#callNs) * this.#perNs);
      return;
    }
    const end = this.#clock() + ns;
    for (;;) {
      const left = end - this.#clock();
      if (left <= 0) return;
      this.#spin((left < BETWEEN_LOOKS ? left : BETWEEN_LOOKS) * this.#perNs);
    }
  }

  #spin(rounds: number): void {
    let value = this.#sink;
    for (let round = 0; round < rounds; round++) value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0;
    this.#sink = value;
  }

  /** The shortest of many runs: whatever interrupts a run only makes it longer. About a millisecond. */
  #calibrate(): void {
    for (let run = 0; run < WARM_UP_RUNS; run++) this.#spin(LONG_RUN);
    let short = Infinity;
    let long = Infinity;
    for (let round = 0; round < ROUNDS; round++) {
      short = Math.min(short, this.#timeOf(SHORT_RUN));
      long = Math.min(long, this.#timeOf(LONG_RUN));
    }
    const nsPerRound = Math.max((long - short) / (LONG_RUN - SHORT_RUN), 0.01);
    this.#perNs = 1 / nsPerRound;
    this.#callNs = 2;
  }

  #timeOf(rounds: number): number {
    const start = this.#clock();
    this.#spin(rounds);
    return this.#clock() - start;
  }
}
