/** ../ring.ts, mended: `take` reads the slot, then gives it back. */
const HEAD = 0;
const TAIL = 1;
const FIRST_SLOT = 2;

export class Ring {
  readonly #words: Int32Array;
  readonly #slots: number;

  /** `shared` holds two words and the slots. */
  constructor(shared: SharedArrayBuffer) {
    this.#words = new Int32Array(shared);
    this.#slots = this.#words.length - FIRST_SLOT;
  }

  /** By the producer. False: the ring is full. */
  put(value: number): boolean {
    const tail = Atomics.load(this.#words, TAIL);
    if (tail - Atomics.load(this.#words, HEAD) === this.#slots) return false;
    this.#words[FIRST_SLOT + (tail % this.#slots)] = value;
    Atomics.store(this.#words, TAIL, tail + 1);
    return true;
  }

  /** By the consumer. Undefined: the ring is empty. */
  take(): number | undefined {
    const head = Atomics.load(this.#words, HEAD);
    if (Atomics.load(this.#words, TAIL) === head) return undefined;
    const value = this.#words[FIRST_SLOT + (head % this.#slots)];
    Atomics.store(this.#words, HEAD, head + 1);
    return value;
  }
}
