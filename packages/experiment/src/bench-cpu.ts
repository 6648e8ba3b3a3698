/**
 * What the measuring loop asks of a CPU and its memory: the smallest part of `@percpu/memory` and
 * `@percpu/machine` that it needs, written down structurally. This package lies below both and
 * imports neither; a `Cpu` of the machine fits, a test's stand-in fits, and so does a CPU under a
 * virtual clock.
 */

/** A byte address in the memory of the machine; 0 is NULL. */
export type Ptr = number;

/**
 * A computation that may sleep: a generator whose bare `yield` gives the CPU to the scheduler of its
 * host, which resumes it. The same type as `Sleeps` of the machine.
 */
export type Sleeps<T> = Generator<void, T, void>;

/** A lock or counter of its own starts on such a boundary: two lines, as x86 prefetches in pairs. In bytes. */
export const LINE = 128;

/** The accesses that the loop itself makes. Atomic ones are sequentially consistent. */
export interface BenchMemory {
  load(at: Ptr): number;
  store(at: Ptr, value: number): void;
  /** Returns the value before. */
  fetchAdd(at: Ptr, delta: number): number;
  read(at: Ptr): number;
  write(at: Ptr, value: number): void;
  readF64(at: Ptr): number;
  writeF64(at: Ptr, value: number): void;
  fill(at: Ptr, byte: number, bytes: number): void;
}

export interface BenchCpu<M extends BenchMemory = BenchMemory> {
  /** 0 … nrCpus − 1. */
  readonly id: number;
  /** CPUs of the machine; an experiment may run on fewer. */
  readonly nrCpus: number;
  readonly memory: M;
  /** Nanoseconds on a clock that all CPUs share. */
  now(): number;
  /** Work that touches nothing shared, for `ns` nanoseconds. */
  delay(ns: number): void;
  /** Belongs into every spin loop: takes interrupts, tells the core that we spin. */
  relax(): void;
  /** Waits, at first spinning and then asleep, until the u32 at `at` is no longer `value`; returns what it is then. */
  waitWhileEquals(at: Ptr, value: number): number;
  /** To be called after the store that ends such a wait. */
  unpark(at: Ptr): void;
}
