/**
 * The words that the CPUs of a measurement share. Nothing in here is written while work is being
 * measured, except each CPU's own slot, which has a line to itself.
 *
 *   ┌ barrier ┬ failed ┬ shared: setup's address, start time ┬ slot 0 ┬ slot 1 ┬ …
 *   2 lines    1 line   1 line                                1 line each: operations
 */

import { arriveAtBarrier, BARRIER_BYTES, breakBarrier, releaseBarrier } from './barrier.ts';
import { LINE, type BenchCpu, type Ptr } from './bench-cpu.ts';

const FAILED = BARRIER_BYTES;
const SHARED = FAILED + LINE;
const START = SHARED + 8;
const SLOTS = SHARED + LINE;

/** Bytes of the control block for a measurement on so many CPUs; aligned to a line. */
export function controlBytes(cpus: number): number {
  return SLOTS + cpus * LINE;
}

/** Another CPU's function threw: this one stops too. The cause is what that CPU reports. */
export class MeasurementStopped extends Error {
  override readonly name: string = 'MeasurementStopped';
}

export class ControlBlock {
  readonly #cpu: BenchCpu;
  readonly #at: Ptr;
  readonly #n: number;

  constructor(cpu: BenchCpu, at: Ptr, n: number) {
    this.#cpu = cpu;
    this.#at = at;
    this.#n = n;
  }

  /** Waits for all. Throws `MeasurementStopped` when a CPU has failed, so that no one waits for it. */
  meet(): void {
    if (arriveAtBarrier(this.#cpu, this.#at, this.#n)) releaseBarrier(this.#cpu, this.#at);
    this.requireNoFailure();
  }

  /** Waits for all; returns the moment when the last one came, the same on every CPU. */
  start(): number {
    const { memory } = this.#cpu;
    if (arriveAtBarrier(this.#cpu, this.#at, this.#n)) {
      memory.writeF64(this.#at + START, this.#cpu.now());
      releaseBarrier(this.#cpu, this.#at);
    }
    this.requireNoFailure();
    return memory.readF64(this.#at + START);
  }

  /** This CPU cannot go on: tells the others, wherever they wait. */
  fail(index: number): void {
    // Edge F: written before the barrier breaks, read by requireNoFailure after it.
    this.#cpu.memory.store(this.#at + FAILED, index + 1);
    breakBarrier(this.#cpu, this.#at);
  }

  /** Throws `MeasurementStopped` when another CPU has failed. */
  requireNoFailure(): void {
    // Edge F.
    const failed = this.#cpu.memory.load(this.#at + FAILED);
    if (failed !== 0)
      throw new MeasurementStopped(
        `stopped, because something failed on CPU ${failed - 1} of those that take part`,
      );
  }

  /** The leader before, the others after a meeting: so plain accesses do. */
  publishShared(address: Ptr): void {
    this.#cpu.memory.write(this.#at + SHARED, address);
  }

  readShared(): Ptr {
    return this.#cpu.memory.read(this.#at + SHARED);
  }

  setOperations(index: number, operations: number): void {
    this.#cpu.memory.writeF64(this.#at + SLOTS + index * LINE, operations);
  }

  /** Of all CPUs, after a meeting. */
  sumOperations(): number {
    let sum = 0;
    for (let i = 0; i < this.#n; i++) sum += this.#cpu.memory.readF64(this.#at + SLOTS + i * LINE);
    return sum;
  }
}
