/** ../mutex.ts, mended: lets go, then wakes. */
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
    Atomics.store(this.#word, 0, FREE);
    Atomics.notify(this.#word, 0, 1);
  }
}
