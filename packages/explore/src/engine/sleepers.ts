/** Who sleeps in a `wait`, on what, until when. */
import type { Ptr } from '@percpu/memory';
import { WaitTable } from '@percpu/simulator';
import type { Processor } from '@percpu/simulator';

export class Sleepers {
  private readonly table: WaitTable = new WaitTable();
  private readonly deadlines: number[];

  constructor(cpus: number) {
    this.deadlines = new Array<number>(cpus).fill(Infinity);
  }

  clear(): void {
    this.table.clear();
    this.deadlines.fill(Infinity);
  }

  add(sleeper: Processor, at: Ptr, deadline: number): void {
    this.table.add(at, sleeper);
    this.deadlines[sleeper.memory.cpu] = deadline;
  }

  /** Those that a notify of up to `count` on `at` wakes, longest asleep first. */
  take(at: Ptr, count: number): Processor[] {
    const woken = this.table.take(at, count);
    for (const { memory } of woken) this.deadlines[memory.cpu] = Infinity;
    return woken;
  }

  /** One that wakes by itself. */
  remove(sleeper: Processor): void {
    this.table.remove(sleeper.memory.at, sleeper);
    this.deadlines[sleeper.memory.cpu] = Infinity;
  }

  /** When the wait of CPU `cpu` times out; Infinity: never, or it is awake. */
  deadlineOf(cpu: number): number {
    return this.deadlines[cpu]!;
  }

  /** The earliest of all. */
  get next(): number {
    let next = Infinity;
    for (const deadline of this.deadlines) next = Math.min(next, deadline);
    return next;
  }
}
