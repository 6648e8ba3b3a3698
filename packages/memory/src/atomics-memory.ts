/** The backend `atomics`: every atomic access is a call of `Atomics.*`. */
import type { Clock } from './clock.ts';
import type { Memory, Ptr } from './memory.ts';
import { nativeBase } from './native-base.ts';

export function atomicsMemory(native: WebAssembly.Memory, clock: Clock): Memory {
  const u8 = new Uint8Array(native.buffer);
  const u16 = new Uint16Array(native.buffer);
  const u32 = new Uint32Array(native.buffer);
  const i64 = new BigInt64Array(native.buffer);

  class AtomicsMemory extends nativeBase(native, clock) implements Memory {
    readonly backend = 'atomics';

    load(at: Ptr): number {
      return Atomics.load(u32, at >>> 2);
    }
    store(at: Ptr, value: number): void {
      Atomics.store(u32, at >>> 2, value);
    }
    exchange(at: Ptr, value: number): number {
      return Atomics.exchange(u32, at >>> 2, value);
    }
    compareExchange(at: Ptr, expected: number, replacement: number): number {
      return Atomics.compareExchange(u32, at >>> 2, expected, replacement);
    }
    fetchAdd(at: Ptr, delta: number): number {
      return Atomics.add(u32, at >>> 2, delta);
    }
    fetchAnd(at: Ptr, mask: number): number {
      return Atomics.and(u32, at >>> 2, mask);
    }
    fetchOr(at: Ptr, mask: number): number {
      return Atomics.or(u32, at >>> 2, mask);
    }
    fetchXor(at: Ptr, mask: number): number {
      return Atomics.xor(u32, at >>> 2, mask);
    }

    load8(at: Ptr): number {
      return Atomics.load(u8, at);
    }
    store8(at: Ptr, value: number): void {
      Atomics.store(u8, at, value);
    }
    exchange8(at: Ptr, value: number): number {
      return Atomics.exchange(u8, at, value);
    }
    compareExchange8(at: Ptr, expected: number, replacement: number): number {
      return Atomics.compareExchange(u8, at, expected, replacement);
    }
    load16(at: Ptr): number {
      return Atomics.load(u16, at >>> 1);
    }
    store16(at: Ptr, value: number): void {
      Atomics.store(u16, at >>> 1, value);
    }
    exchange16(at: Ptr, value: number): number {
      return Atomics.exchange(u16, at >>> 1, value);
    }
    compareExchange16(at: Ptr, expected: number, replacement: number): number {
      return Atomics.compareExchange(u16, at >>> 1, expected, replacement);
    }

    // `Atomics` knows 64 bit only as BigInt: this is what the other backend is spared.
    load64(at: Ptr): number {
      return Number(Atomics.load(i64, at >>> 3));
    }
    store64(at: Ptr, value: number): void {
      Atomics.store(i64, at >>> 3, BigInt(value));
    }
    exchange64(at: Ptr, value: number): number {
      return Number(Atomics.exchange(i64, at >>> 3, BigInt(value)));
    }
    compareExchange64(at: Ptr, expected: number, replacement: number): number {
      return Number(Atomics.compareExchange(i64, at >>> 3, BigInt(expected), BigInt(replacement)));
    }
    fetchAdd64(at: Ptr, delta: number): number {
      return Number(Atomics.add(i64, at >>> 3, BigInt(delta)));
    }
  }
  return new AtomicsMemory();
}
