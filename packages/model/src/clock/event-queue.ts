/**
 * When each CPU goes on: a binary heap of CPU numbers, earliest first, the lower number first among equals, so that the
 * order is total. A CPU is in it once or not at all, and can be moved.
 */
export class EventQueue {
  private readonly heap: Int32Array;
  /** Place of each CPU in the heap; −1: not in it. */
  private readonly place: Int32Array;
  private readonly times: Float64Array;
  private length = 0;

  constructor(cpus: number) {
    this.heap = new Int32Array(cpus);
    this.place = new Int32Array(cpus).fill(-1);
    this.times = new Float64Array(cpus).fill(Infinity);
  }

  /** When the first event is; Infinity without any. */
  get time(): number {
    return this.length === 0 ? Infinity : this.times[this.heap[0]!]!;
  }

  /** The CPU it belongs to; −1 without any. */
  get cpu(): number {
    return this.length === 0 ? -1 : this.heap[0]!;
  }

  /** When `cpu` goes on; Infinity: not by itself. */
  timeOf(cpu: number): number {
    return this.times[cpu]!;
  }

  /** May `cpu` act at `time`, before all others? */
  isFirst(cpu: number, time: number): boolean {
    if (this.length === 0) return true;
    const first = this.heap[0]!;
    const soonest = this.times[first]!;
    return time < soonest || (time === soonest && cpu <= first);
  }

  /** `cpu` goes on at `time`, wherever it was before. Infinity takes it out. */
  set(cpu: number, time: number): void {
    if (time === Infinity) return this.remove(cpu);
    const at = this.place[cpu]!;
    const before = this.times[cpu]!;
    this.times[cpu] = time;
    if (at < 0) {
      this.put(cpu, this.length++);
      this.rise(cpu);
    } else if (time < before) this.rise(cpu);
    else this.sink(cpu);
  }

  /** Moves `cpu` to `time` unless it is earlier already. */
  advance(cpu: number, time: number): void {
    if (time < this.times[cpu]!) this.set(cpu, time);
  }

  remove(cpu: number): void {
    const at = this.place[cpu]!;
    if (at < 0) return;
    this.place[cpu] = -1;
    this.times[cpu] = Infinity;
    const last = this.heap[--this.length]!;
    if (last === cpu) return;
    this.put(last, at);
    this.rise(last);
    this.sink(last);
  }

  private rise(cpu: number): void {
    let at = this.place[cpu]!;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.heap[above]!;
      if (this.isBefore(parent, cpu)) break;
      this.put(parent, at);
      at = above;
    }
    this.put(cpu, at);
  }

  private sink(cpu: number): void {
    let at = this.place[cpu]!;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= this.length) break;
      const right = below + 1;
      if (right < this.length && this.isBefore(this.heap[right]!, this.heap[below]!)) below = right;
      const child = this.heap[below]!;
      if (this.isBefore(cpu, child)) break;
      this.put(child, at);
      at = below;
    }
    this.put(cpu, at);
  }

  private put(cpu: number, at: number): void {
    this.heap[at] = cpu;
    this.place[cpu] = at;
  }

  private isBefore(a: number, b: number): boolean {
    const ta = this.times[a]!;
    const tb = this.times[b]!;
    return ta < tb || (ta === tb && a < b);
  }
}
