/** ../stack.ts, mended: a number that grows with every change stands beside the top, so that nobody takes a new top for an old one. */
const TOP = 0;
/** Bits of the node's number; those above count the changes, and may wrap: a stack of 2²⁰ changes during one pop is ABA again. */
const NODE_BITS = 12;
const NODE = (1 << NODE_BITS) - 1;

export class Stack {
  readonly #links: Int32Array;

  /** `shared` holds the top and a link for each node, whose numbers are 1 to 4095. */
  constructor(shared: SharedArrayBuffer) {
    this.#links = new Int32Array(shared);
  }

  push(node: number): void {
    for (;;) {
      const top = Atomics.load(this.#links, TOP);
      Atomics.store(this.#links, node, top & NODE);
      if (this.#replaceTop(top, node)) return;
    }
  }

  /** The node taken off, 0 when there is none. */
  pop(): number {
    for (;;) {
      const top = Atomics.load(this.#links, TOP);
      const node = top & NODE;
      if (node === 0) return 0;
      if (this.#replaceTop(top, Atomics.load(this.#links, node))) return node;
    }
  }

  #replaceTop(top: number, node: number): boolean {
    const changes = ((top >> NODE_BITS) + 1) << NODE_BITS;
    return Atomics.compareExchange(this.#links, TOP, top, changes | node) === top;
  }
}
