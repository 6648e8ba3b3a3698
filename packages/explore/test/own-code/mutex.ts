/** A mutex that sleeps. Its `unlock` wakes before it lets go, so a sleeper may look too early, and sleep for ever. */
const FREE = 0;
const TAKEN = 1;

export class Mutex {
  readonly #word: Int32Array;

  /** `shared` holds one word. */
  constructor(shared: SharedArrayBuffer) {
    this.#word = new Int32Array(shared);
  }

  lock(): void {
    while (Atomics.compareExchange(this.#word, 0, FREE, TAKEN) !== FREE) {
      Atomics.wait(this.#word, 0, TAKEN);
    }
  }

  unlock(): void {
    Atomics.notify(this.#word, 0, 1);
    Atomics.store(this.#word, 0, FREE);
  }
}
