/** Follows every access of a run: what the step did (for the scheduler), what spin loops wait for, what observers say. */
import { OPERATIONS } from '@percpu/simulator';
import type { SimulatedMemory, SimulatedStore } from '@percpu/simulator';
import { exchangeFailed } from './compare-exchange.ts';
import { Footprint, Mode } from './footprint.ts';
import type { InterruptLines } from './interrupt-lines.ts';
import type { RunObserver } from './observer.ts';
import type { Finding } from './outcome.ts';
import type { SpinLoop } from './spin-loop.ts';

const READS: readonly boolean[] = OPERATIONS.map(({ effect }) => effect === 'read');
const SIZES: readonly number[] = OPERATIONS.map(({ size }) => size);
const ATOMIC: readonly boolean[] = OPERATIONS.map(({ atomic }) => atomic);

export class AccessWatch {
  readonly footprint: Footprint = new Footprint();
  /** Of this run so far. */
  accesses = 0;
  step = 0;
  /** Some value in memory has changed since this was last set to false. */
  progress = false;
  finding: Finding | undefined = undefined;
  private readonly store: SimulatedStore;
  private readonly loops: readonly SpinLoop[];
  private readonly lines: InterruptLines;
  private readonly observers: readonly RunObserver[];
  // The words under the access, before it.
  private low = 0;
  private high = 0;

  constructor(
    store: SimulatedStore,
    loops: readonly SpinLoop[],
    lines: InterruptLines,
    observers: readonly RunObserver[],
  ) {
    this.store = store;
    this.loops = loops;
    this.lines = lines;
    this.observers = observers.filter((observer) => observer.performed !== undefined);
  }

  clear(): void {
    this.accesses = 0;
    this.step = 0;
    this.progress = false;
    this.finding = undefined;
    this.footprint.clear(0, 0);
  }

  /** The access of `memory` is about to be carried out. */
  before({ at }: SimulatedMemory): void {
    const word = at >>> 2;
    this.low = this.store.u32[word]!;
    this.high = this.store.u32[word + 1]!;
  }

  /** It was. */
  after(memory: SimulatedMemory, result: unknown): void {
    const { op, at, cpu } = memory;
    const size = SIZES[op]!;
    const loop = this.loops[cpu]!;
    const word = at >>> 2;
    if (READS[op]!) {
      loop.saw(word);
      if (size === 8) loop.saw(word + 1);
    } else if (this.changed(word, size)) {
      this.progress = true;
      loop.work();
    } else {
      loop.saw(word);
      if (size === 8) loop.saw(word + 1);
    }
    if (ATOMIC[op]!) {
      const writes = !READS[op]! && !exchangeFailed(op, memory.a, result);
      this.footprint.add(at, size, writes ? Mode.write : Mode.read);
      if (writes) this.tellLines(at, cpu);
    }
    this.tell(cpu, memory, result);
  }

  /** Counts an access, and shows it to the observers. */
  tell(cpu: number, memory: SimulatedMemory, result: unknown): void {
    this.accesses++;
    for (const observer of this.observers) {
      this.finding ??= observer.performed!(cpu, memory, result, this.step);
    }
  }

  private changed(word: number, size: number): boolean {
    // Of a copy or a fill: take it that something did.
    if (size === 0) return true;
    const { u32 } = this.store;
    return u32[word] !== this.low || (size === 8 && u32[word + 1] !== this.high);
  }

  private tellLines(at: number, cpu: number): void {
    const owner = this.lines.ownerOf(at);
    if (owner < 0) return;
    if (owner === cpu) {
      this.lines.entered(cpu);
      this.footprint.took = true;
    } else this.footprint.raised = owner;
  }
}
