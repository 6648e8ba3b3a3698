/**
 * What both native backends have in common: plain accesses, sleeping, time. Fast mode: nothing is
 * checked, and as in C a wrong address is undefined behaviour, milder: a store out of range is lost,
 * a load gives undefined or NaN, an unaligned address is rounded down or traps. `CheckedMemory` refuses
 * all that.
 *
 * Why a class is made for every memory, over views that are constants of its closure: each memory then
 * has a hidden class of its own, V8 sees the methods and through them the views and WebAssembly
 * functions as constants, and inlines down to the access. With views as fields of one class, a second
 * memory in a thread made every access of the first two to three times slower.
 */
import type { Clock } from './clock.ts';
import { Delay } from './delay.ts';
import type { LayoutInfo, Memory, Ptr, WaitResult } from './memory.ts';
import { instantiateSpin } from './wasm/spin-module.ts';

/** The accesses in which backends differ. */
export type AtomicAccess =
  | 'load'
  | 'store'
  | 'exchange'
  | 'compareExchange'
  | 'fetchAdd'
  | 'fetchAnd'
  | 'fetchOr'
  | 'fetchXor'
  | 'load8'
  | 'store8'
  | 'exchange8'
  | 'compareExchange8'
  | 'load16'
  | 'store16'
  | 'exchange16'
  | 'compareExchange16'
  | 'load64'
  | 'store64'
  | 'exchange64'
  | 'compareExchange64'
  | 'fetchAdd64';

export type NativeBase = Omit<Memory, AtomicAccess | 'backend'>;

const TWO_32 = 2 ** 32;
const NS_PER_MS = 1e6;

/** `Atomics.pause` came with V8 13: Node 22 has none. */
const hostPause: () => void = typeof Atomics.pause === 'function' ? Atomics.pause : () => undefined;

/** For `delay`, which burns time of the host whatever clock the machine was given. In ns. */
const hostTime: Clock = () => performance.now() * NS_PER_MS;

/** The class that the backends of this one memory extend. */
export function nativeBase(native: WebAssembly.Memory, clock: Clock): new () => NativeBase {
  const buffer = native.buffer;
  const u8 = new Uint8Array(buffer);
  const u16 = new Uint16Array(buffer);
  const u32 = new Uint32Array(buffer);
  const i32 = new Int32Array(buffer);
  const f64 = new Float64Array(buffer);
  const u64 = new BigUint64Array(buffer);
  const delayLoop = new Delay(hostTime, () => instantiateSpin(native));

  return class implements NativeBase {
    readonly byteLength: number = buffer.byteLength;
    readonly checked: boolean = false;
    readonly native: WebAssembly.Memory = native;

    loadBig64(at: Ptr): bigint {
      return Atomics.load(u64, at >>> 3);
    }
    storeBig64(at: Ptr, value: bigint): void {
      Atomics.store(u64, at >>> 3, value);
    }
    compareExchangeBig64(at: Ptr, expected: bigint, replacement: bigint): bigint {
      return Atomics.compareExchange(u64, at >>> 3, expected, replacement);
    }
    fetchAddBig64(at: Ptr, delta: bigint): bigint {
      return Atomics.add(u64, at >>> 3, delta);
    }

    read(at: Ptr): number {
      return u32[at >>> 2]!;
    }
    write(at: Ptr, value: number): void {
      u32[at >>> 2] = value;
    }
    readSigned(at: Ptr): number {
      return i32[at >>> 2]!;
    }
    read8(at: Ptr): number {
      return u8[at]!;
    }
    write8(at: Ptr, value: number): void {
      u8[at] = value;
    }
    read16(at: Ptr): number {
      return u16[at >>> 1]!;
    }
    write16(at: Ptr, value: number): void {
      u16[at >>> 1] = value;
    }
    // Two halves cost less than a BigInt that is made to be thrown away.
    read64(at: Ptr): number {
      const low = at >>> 2;
      return i32[low + 1]! * TWO_32 + u32[low]!;
    }
    write64(at: Ptr, value: number): void {
      const low = at >>> 2;
      // Stores take a number modulo 2^32; rounding down gives a negative value its sign extension.
      u32[low] = value;
      i32[low + 1] = Math.floor(value / TWO_32);
    }
    readF64(at: Ptr): number {
      return f64[at >>> 3]!;
    }
    writeF64(at: Ptr, value: number): void {
      f64[at >>> 3] = value;
    }
    copy(to: Ptr, from: Ptr, bytes: number): void {
      u8.copyWithin(to, from, from + bytes);
    }
    fill(at: Ptr, byte: number, bytes: number): void {
      u8.fill(byte, at, at + bytes);
    }

    readOwn(at: Ptr): number {
      return u32[at >>> 2]!;
    }
    writeOwn(at: Ptr, value: number): void {
      u32[at >>> 2] = value;
    }

    wait(at: Ptr, expected: number, timeoutNs: number = Infinity): WaitResult {
      return Atomics.wait(i32, at >>> 2, expected | 0, timeoutNs / NS_PER_MS);
    }
    notify(at: Ptr, count: number = Infinity): number {
      return Atomics.notify(i32, at >>> 2, count);
    }
    now(): number {
      return clock();
    }
    pause(): void {
      hostPause();
    }
    delay(ns: number): void {
      delayLoop.burn(ns);
    }

    describe(_at: Ptr, _layout: LayoutInfo, _name?: string): void {
      // Names are for clocks that look on from outside: here nobody does.
    }
  };
}
