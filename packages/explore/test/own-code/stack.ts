/**
 * A stack of nodes in an array, after Treiber: `top` and the links are node numbers, 0 is the end. Popping compares nothing but
 * the number of the top node, and a node that was popped and pushed again in between looks as if it had never left: ABA.
 */
const TOP = 0;

export class Stack {
  readonly #links: Int32Array;

  /** `shared` holds the top and a link for each node, whose numbers are 1, 2, … */
  constructor(shared: SharedArrayBuffer) {
    this.#links = new Int32Array(shared);
  }

  push(node: number): void {
    for (;;) {
      const top = Atomics.load(this.#links, TOP);
      Atomics.store(this.#links, node, top);
      if (Atomics.compareExchange(this.#links, TOP, top, node) === top) return;
    }
  }

  /** The node taken off, 0 when there is none. */
  pop(): number {
    for (;;) {
      const top = Atomics.load(this.#links, TOP);
      if (top === 0) return 0;
      const next = Atomics.load(this.#links, top);
      if (Atomics.compareExchange(this.#links, TOP, top, next) === top) return top;
    }
  }
}
