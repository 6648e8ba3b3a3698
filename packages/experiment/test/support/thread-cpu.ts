/**
 * A CPU on a worker thread, over a SharedArrayBuffer. This package lies below @percpu/memory, so its
 * tests bring a memory of their own: the one place outside that package with bare Atomics.
 */

import type { BenchCpu, BenchMemory } from '../../src/index.ts';

/** Zeroed memory, large enough for any test here. */
export function freshMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(1024 * 1024);
}

class ThreadMemory implements BenchMemory {
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: Uint8Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer);
    this.#doubles = new Float64Array(buffer);
    this.#bytes = new Uint8Array(buffer);
  }
  load(at: number): number {
    return Atomics.load(this.#words, at >>> 2) >>> 0;
  }
  store(at: number, value: number): void {
    Atomics.store(this.#words, at >>> 2, value);
  }
  fetchAdd(at: number, delta: number): number {
    return Atomics.add(this.#words, at >>> 2, delta) >>> 0;
  }
  read(at: number): number {
    return this.#words[at >>> 2]! >>> 0;
  }
  write(at: number, value: number): void {
    this.#words[at >>> 2] = value;
  }
  readF64(at: number): number {
    return this.#doubles[at >>> 3]!;
  }
  writeF64(at: number, value: number): void {
    this.#doubles[at >>> 3] = value;
  }
  fill(at: number, byte: number, bytes: number): void {
    this.#bytes.fill(byte, at, at + bytes);
  }
  sleepWhileEquals(at: number, value: number): void {
    Atomics.wait(this.#words, at >>> 2, value | 0);
  }
  wake(at: number): void {
    Atomics.notify(this.#words, at >>> 2);
  }
}

export class ThreadCpu implements BenchCpu<ThreadMemory> {
  readonly id: number;
  readonly nrCpus: number;
  readonly memory: ThreadMemory;

  constructor(buffer: SharedArrayBuffer, id: number, nrCpus: number) {
    this.memory = new ThreadMemory(buffer);
    this.id = id;
    this.nrCpus = nrCpus;
  }
  now(): number {
    return Number(process.hrtime.bigint());
  }
  delay(ns: number): void {
    const end = this.now() + ns;
    while (this.now() < end) this.relax();
  }
  relax(): void {
    Atomics.pause();
  }
  waitWhileEquals(at: number, value: number): number {
    for (let i = 0; i < 100 && this.memory.load(at) === value; i++) this.relax();
    while (this.memory.load(at) === value) this.memory.sleepWhileEquals(at, value);
    return this.memory.load(at);
  }
  unpark(at: number): void {
    this.memory.wake(at);
  }
}
