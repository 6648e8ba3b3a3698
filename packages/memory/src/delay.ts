/**
 * Burning host time: work that touches nothing shared.
 *
 * A look at the clock costs 30 ns and more, so short delays run a loop whose speed is measured at the
 * first call (under a millisecond); from 2 µs on the clock decides, and the loop only spaces out the
 * looks.
 */
import type { Clock } from './clock.ts';
import type { Spin } from './wasm/spin-module.ts';

/** From here on the clock is asked. In ns. */
const ASK_CLOCK_FROM = 2_000;
/** Between two looks at the clock, in ns. What is less at the end is not looked at again. */
const BETWEEN_LOOKS = 250;
/** A call into WebAssembly beside its loop, from optimised code, in ns (bench/ratios.ts: 3 to 4). */
const CALL = 4;

const SHORT_RUN = 100;
const LONG_RUN = 1_100;
const RUNS = 60;

export class Delay {
  readonly #clock: Clock;
  readonly #makeSpin: () => Spin;
  #spin: Spin = notMade;
  /** Loop rounds a nanosecond; 0 = not measured yet. */
  #perNs = 0;
  /** What a look at the clock costs, in ns. */
  #lookNs = 0;
  /** Where the loop goes on, so that nothing can be precomputed. */
  #value = 1;

  constructor(clock: Clock, makeSpin: () => Spin) {
    this.#clock = clock;
    this.#makeSpin = makeSpin;
  }

  burn(ns: number): void {
    if (this.#perNs === 0) this.#calibrate();
    if (ns < ASK_CLOCK_FROM) this.#burnByLoop(ns);
    else this.#burnByClock(ns);
  }

  #burnByLoop(ns: number): void {
    const rounds = ((ns - CALL) * this.#perNs + 0.5) | 0;
    if (rounds > 0) this.#value = this.#spin(rounds, this.#value);
  }

  #burnByClock(ns: number): void {
    // A look shows the time in its middle: half of it was before, half is still to come.
    const halfLook = this.#lookNs / 2;
    const end = this.#clock() - halfLook + ns;
    for (;;) {
      const left = end - this.#clock() - halfLook;
      if (left < BETWEEN_LOOKS) {
        this.#burnByLoop(left);
        return;
      }
      this.#burnByLoop(BETWEEN_LOOKS - this.#lookNs);
    }
  }

  /** The shortest of many runs counts: whatever interrupts a run only makes it longer. */
  #calibrate(): void {
    this.#spin = this.#makeSpin();
    let look = Infinity;
    let short = Infinity;
    let long = Infinity;
    for (let run = 0; run < RUNS; run++) {
      look = Math.min(look, -this.#clock() + this.#clock());
      short = Math.min(short, this.#timeOf(SHORT_RUN));
      long = Math.min(long, this.#timeOf(LONG_RUN));
    }
    // A clock too coarse to see the loop must not make it endless.
    this.#perNs = 1 / Math.max((long - short) / (LONG_RUN - SHORT_RUN), 0.5);
    this.#lookNs = Math.min(Math.max(look, 0), BETWEEN_LOOKS / 2);
  }

  #timeOf(rounds: number): number {
    const start = this.#clock();
    this.#value = this.#spin(rounds, this.#value);
    return this.#clock() - start;
  }
}

function notMade(): number {
  throw new Error('delay: not calibrated');
}
