/**
 * The seam: every access that simulated CPUs make to the memory they share.
 *
 * One mechanism, three clocks. A mechanism sees this interface and nothing else, so the same
 * source runs
 *
 *   parallel   on worker threads, over a real SharedArrayBuffer (`createMemory`, this package)
 *   explore    under a scheduler that picks the next CPU at every access
 *   model      under a virtual clock that charges every access to a cache-coherence model
 *
 * Rules for whoever calls it:
 *
 * - An address is a byte address (u32). 0 is NULL; the first page is never mapped.
 * - *Atomic* accesses are sequentially consistent (ECMAScript knows no weaker order) and are the
 *   only ones that may race.
 * - *Plain* accesses (`read…`, `write…`) are for data that a lock, RCU or ownership protects.
 *   The race detector watches them.
 * - *Own* accesses (`readOwn`, `writeOwn`) are for words that one CPU writes and others at most
 *   print in a crash report. They are no scheduling points and no races.
 * - No access inside a getter, a constructor or a callback of a built-in (`map`, `sort`, …):
 *   under the controlled clocks an access is where a coroutine yields, and those cannot yield.
 */

/** A byte address in the machine's memory, 0 … 2³²−1. 0 is NULL. */
export type Ptr = number;

export const NULL: Ptr = 0;

/** Linux: L1_CACHE_BYTES, doubled: x86 prefetches lines in pairs (Intel SDM 3A §12.6). In bytes. */
export const CACHE_LINE = 128;

/** Linux: PAGE_SIZE, in bytes. The first page is never mapped, so a NULL dereference is seen. */
export const PAGE_SIZE = 4096;

/** What `Memory.wait` answers. The names are those of `Atomics.wait`. */
export type WaitResult = 'ok' | 'not-equal' | 'timed-out';

/** How atomic accesses are carried out. `controlled` is what explorer and model call theirs. */
export type Backend = 'atomics' | 'wasm' | 'controlled';

/** What a struct layout tells about itself; see `layout.ts`. Enough to name a field in a report. */
export interface LayoutInfo {
  readonly layoutName: string;
  readonly size: number;
  readonly align: number;
  /** Field names with byte offset and size, in order. */
  readonly fields: readonly FieldInfo[];
}

export interface FieldInfo {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** The nested struct, or the struct that an array holds. */
  readonly inner?: LayoutInfo;
  /** Set for an array: bytes from one element to the next. */
  readonly stride?: number;
}

export interface Memory {
  /** Bytes, page zero included. */
  readonly byteLength: number;
  readonly backend: Backend;
  /** Is every address checked for range and alignment? */
  readonly checked: boolean;
  /** The shared memory itself where there is one: for starting threads and for wasm steps. */
  readonly native: WebAssembly.Memory | undefined;

  // ── atomic, 32 bit: values and results are u32 ────────────────────────────────────────────
  load(at: Ptr): number;
  store(at: Ptr, value: number): void;
  exchange(at: Ptr, value: number): number;
  /** Returns what was there: equal to `expected` means the exchange took place. */
  compareExchange(at: Ptr, expected: number, replacement: number): number;
  /** Returns the value before. Negative deltas wrap, as in C. */
  fetchAdd(at: Ptr, delta: number): number;
  fetchAnd(at: Ptr, mask: number): number;
  fetchOr(at: Ptr, mask: number): number;
  fetchXor(at: Ptr, mask: number): number;

  // ── atomic, 8 and 16 bit (u8, u16) ────────────────────────────────────────────────────────
  load8(at: Ptr): number;
  store8(at: Ptr, value: number): void;
  exchange8(at: Ptr, value: number): number;
  compareExchange8(at: Ptr, expected: number, replacement: number): number;
  load16(at: Ptr): number;
  store16(at: Ptr, value: number): void;
  exchange16(at: Ptr, value: number): number;
  compareExchange16(at: Ptr, expected: number, replacement: number): number;

  // ── atomic, 64 bit as a number: signed, exact up to ±(2⁵³−1), aligned to 8 ────────────────
  load64(at: Ptr): number;
  store64(at: Ptr, value: number): void;
  exchange64(at: Ptr, value: number): number;
  compareExchange64(at: Ptr, expected: number, replacement: number): number;
  fetchAdd64(at: Ptr, delta: number): number;

  // ── atomic, 64 bit in full (unsigned): cold paths only, a BigInt is an allocation ─────────
  loadBig64(at: Ptr): bigint;
  storeBig64(at: Ptr, value: bigint): void;
  compareExchangeBig64(at: Ptr, expected: bigint, replacement: bigint): bigint;
  fetchAddBig64(at: Ptr, delta: bigint): bigint;

  // ── plain ─────────────────────────────────────────────────────────────────────────────────
  read(at: Ptr): number;
  write(at: Ptr, value: number): void;
  /** As `read`, but signed. */
  readSigned(at: Ptr): number;
  read8(at: Ptr): number;
  write8(at: Ptr, value: number): void;
  read16(at: Ptr): number;
  write16(at: Ptr, value: number): void;
  /** Signed, exact up to ±(2⁵³−1), aligned to 8. */
  read64(at: Ptr): number;
  write64(at: Ptr, value: number): void;
  /** IEEE 754 double, aligned to 8. */
  readF64(at: Ptr): number;
  writeF64(at: Ptr, value: number): void;
  copy(to: Ptr, from: Ptr, bytes: number): void;
  fill(at: Ptr, byte: number, bytes: number): void;

  // ── own: one CPU writes, reports may look ─────────────────────────────────────────────────
  readOwn(at: Ptr): number;
  writeOwn(at: Ptr, value: number): void;

  // ── sleeping, time, hints ─────────────────────────────────────────────────────────────────
  /** Blocks this CPU while the u32 at `at` is `expected`, at most `timeoutNs` (default: for ever). May return early. */
  wait(at: Ptr, expected: number, timeoutNs?: number): WaitResult;
  /** Wakes up to `count` (default: all) waiters; returns how many. */
  notify(at: Ptr, count?: number): number;
  /** Nanoseconds on a clock that all CPUs of the machine share; exact to about a microsecond between CPUs. */
  now(): number;
  /**
   * A hint inside a spin loop (x86 PAUSE). Never yields the thread: bound your spinning. A loop that waits until the u32 at
   * `at` is no longer `value` (with `until`: is `value`), for `turns` turns at most, may say so; a virtual clock then passes
   * over the turns in between, and returns how many this was. Elsewhere it is always one.
   */
  pause(at?: Ptr, value?: number, until?: boolean, turns?: number): number | void;
  /** Work that touches nothing shared: burns `ns` of host time under `parallel`, adds virtual time under `model`. */
  delay(ns: number): void;

  // ── names, for those who look from outside ────────────────────────────────────────────────
  /** Says that a struct of this layout lives at `at`. Free under `parallel`; names fields in reports elsewhere. */
  describe(at: Ptr, layout: LayoutInfo, name?: string): void;
}
