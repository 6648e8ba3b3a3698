/**
 * What both native backends have in common: plain accesses, sleeping, time. Fast mode: nothing is
 * checked, and as in C a wrong address is undefined behaviour, milder: a store out of range is lost,
 * a load gives undefined or NaN, an unaligned address is rounded down. `CheckedMemory` refuses all that.
 *
 * The views are plain fields and the methods one expression each: that is the shape V8 inlines.
 */
import type { Clock } from './clock.ts';
import { Delay } from './delay.ts';
import type { Backend, LayoutInfo, Memory, Ptr, WaitResult } from './memory.ts';

const TWO_32 = 2 ** 32;
const NS_PER_MS = 1e6;

/** `Atomics.pause` came with V8 13: Node 22 has none. */
const hostPause: () => void = typeof Atomics.pause === 'function' ? Atomics.pause : () => undefined;

export abstract class NativeMemory implements Memory {
  abstract readonly backend: Backend;
  readonly byteLength: number;
  readonly checked: boolean;
  readonly native: WebAssembly.Memory;
  protected readonly u8: Uint8Array<SharedArrayBuffer>;
  protected readonly u16: Uint16Array<SharedArrayBuffer>;
  protected readonly u32: Uint32Array<SharedArrayBuffer>;
  protected readonly i32: Int32Array<SharedArrayBuffer>;
  protected readonly f64: Float64Array<SharedArrayBuffer>;
  protected readonly i64: BigInt64Array<SharedArrayBuffer>;
  protected readonly u64: BigUint64Array<SharedArrayBuffer>;
  private readonly clock: Clock;
  private readonly delayLoop: Delay;

  constructor(native: WebAssembly.Memory, clock: Clock) {
    const buffer = native.buffer as unknown as SharedArrayBuffer;
    this.byteLength = buffer.byteLength;
    this.checked = false;
    this.native = native;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.clock = clock;
    this.delayLoop = new Delay(clock);
  }

  abstract load(at: Ptr): number;
  abstract store(at: Ptr, value: number): void;
  abstract exchange(at: Ptr, value: number): number;
  abstract compareExchange(at: Ptr, expected: number, replacement: number): number;
  abstract fetchAdd(at: Ptr, delta: number): number;
  abstract fetchAnd(at: Ptr, mask: number): number;
  abstract fetchOr(at: Ptr, mask: number): number;
  abstract fetchXor(at: Ptr, mask: number): number;
  abstract load8(at: Ptr): number;
  abstract store8(at: Ptr, value: number): void;
  abstract exchange8(at: Ptr, value: number): number;
  abstract compareExchange8(at: Ptr, expected: number, replacement: number): number;
  abstract load16(at: Ptr): number;
  abstract store16(at: Ptr, value: number): void;
  abstract exchange16(at: Ptr, value: number): number;
  abstract compareExchange16(at: Ptr, expected: number, replacement: number): number;
  abstract load64(at: Ptr): number;
  abstract store64(at: Ptr, value: number): void;
  abstract exchange64(at: Ptr, value: number): number;
  abstract compareExchange64(at: Ptr, expected: number, replacement: number): number;
  abstract fetchAdd64(at: Ptr, delta: number): number;

  loadBig64(at: Ptr): bigint {
    return Atomics.load(this.u64, at >>> 3);
  }
  storeBig64(at: Ptr, value: bigint): void {
    Atomics.store(this.u64, at >>> 3, value);
  }
  compareExchangeBig64(at: Ptr, expected: bigint, replacement: bigint): bigint {
    return Atomics.compareExchange(this.u64, at >>> 3, expected, replacement);
  }
  fetchAddBig64(at: Ptr, delta: bigint): bigint {
    return Atomics.add(this.u64, at >>> 3, delta);
  }

  read(at: Ptr): number {
    return this.u32[at >>> 2] as number;
  }
  write(at: Ptr, value: number): void {
    this.u32[at >>> 2] = value;
  }
  readSigned(at: Ptr): number {
    return this.i32[at >>> 2] as number;
  }
  read8(at: Ptr): number {
    return this.u8[at] as number;
  }
  write8(at: Ptr, value: number): void {
    this.u8[at] = value;
  }
  read16(at: Ptr): number {
    return this.u16[at >>> 1] as number;
  }
  write16(at: Ptr, value: number): void {
    this.u16[at >>> 1] = value;
  }
  // Two halves cost less than a BigInt that is made to be thrown away.
  read64(at: Ptr): number {
    const low = at >>> 2;
    return (this.i32[low + 1] as number) * TWO_32 + (this.u32[low] as number);
  }
  write64(at: Ptr, value: number): void {
    const low = at >>> 2;
    // Stores take a number modulo 2^32; rounding down gives a negative value its sign extension.
    this.u32[low] = value;
    this.i32[low + 1] = Math.floor(value / TWO_32);
  }
  readF64(at: Ptr): number {
    return this.f64[at >>> 3] as number;
  }
  writeF64(at: Ptr, value: number): void {
    this.f64[at >>> 3] = value;
  }
  copy(to: Ptr, from: Ptr, bytes: number): void {
    this.u8.copyWithin(to, from, from + bytes);
  }
  fill(at: Ptr, byte: number, bytes: number): void {
    this.u8.fill(byte, at, at + bytes);
  }

  readOwn(at: Ptr): number {
    return this.u32[at >>> 2] as number;
  }
  writeOwn(at: Ptr, value: number): void {
    this.u32[at >>> 2] = value;
  }

  wait(at: Ptr, expected: number, timeoutNs: number = Infinity): WaitResult {
    return Atomics.wait(this.i32, at >>> 2, expected | 0, timeoutNs / NS_PER_MS);
  }
  notify(at: Ptr, count: number = Infinity): number {
    return Atomics.notify(this.i32, at >>> 2, count);
  }
  now(): number {
    return this.clock();
  }
  pause(): void {
    hostPause();
  }
  delay(ns: number): void {
    this.delayLoop.burn(ns);
  }

  describe(_at: Ptr, _layout: LayoutInfo, _name?: string): void {
    // Names are for clocks that look on from outside: here nobody does.
  }
}

