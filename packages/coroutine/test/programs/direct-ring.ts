/** Users' own code, with no memory of percpu: bare Atomics and typed arrays. */

export class Ring {
  readonly head: Int32Array;
  readonly slots: Int32Array;
  readonly names: (string | undefined)[] = [];
  readonly more: { readonly slots: Int32Array } | undefined;
  constructor(buffer: SharedArrayBuffer) {
    this.head = new Int32Array(buffer, 0, 2);
    this.slots = new Int32Array(buffer, 8, 4);
    this.slots[0] = 0;
    this.more = this;
  }

  push(value: number): boolean {
    const head = Atomics.load(this.head, 0);
    if (head - Atomics.load(this.head, 1) === this.slots.length) return false;
    this.slots[head % 4] = value;
    this.slots[3]! += 2;
    this.slots[3]!--;
    [this.names[0]] = ['pushed'];
    this.names[1] ??= 'first';
    Atomics.store(this.head, 0, head + 1);
    return true;
  }

  pop(): number | undefined {
    const tail = Atomics.load(this.head, 1);
    if (tail === Atomics.load(this.head, 0)) return undefined;
    const value = this.more?.slots[tail % 4];
    Atomics.add(this.head, 1, 1);
    return value;
  }

  /** Plain: an engine sees the access, with no site. */
  get first(): number {
    return this.slots[0]!;
  }
}
