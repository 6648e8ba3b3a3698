/** The backend `atomics`: every atomic access is a call of `Atomics.*`. */
import { NativeMemory } from './native-memory.ts';
import type { Ptr } from './memory.ts';

export class AtomicsMemory extends NativeMemory {
  readonly backend = 'atomics';

  load(at: Ptr): number {
    return Atomics.load(this.u32, at >>> 2);
  }
  store(at: Ptr, value: number): void {
    Atomics.store(this.u32, at >>> 2, value);
  }
  exchange(at: Ptr, value: number): number {
    return Atomics.exchange(this.u32, at >>> 2, value);
  }
  compareExchange(at: Ptr, expected: number, replacement: number): number {
    return Atomics.compareExchange(this.u32, at >>> 2, expected, replacement);
  }
  fetchAdd(at: Ptr, delta: number): number {
    return Atomics.add(this.u32, at >>> 2, delta);
  }
  fetchAnd(at: Ptr, mask: number): number {
    return Atomics.and(this.u32, at >>> 2, mask);
  }
  fetchOr(at: Ptr, mask: number): number {
    return Atomics.or(this.u32, at >>> 2, mask);
  }
  fetchXor(at: Ptr, mask: number): number {
    return Atomics.xor(this.u32, at >>> 2, mask);
  }

  load8(at: Ptr): number {
    return Atomics.load(this.u8, at);
  }
  store8(at: Ptr, value: number): void {
    Atomics.store(this.u8, at, value);
  }
  exchange8(at: Ptr, value: number): number {
    return Atomics.exchange(this.u8, at, value);
  }
  compareExchange8(at: Ptr, expected: number, replacement: number): number {
    return Atomics.compareExchange(this.u8, at, expected, replacement);
  }
  load16(at: Ptr): number {
    return Atomics.load(this.u16, at >>> 1);
  }
  store16(at: Ptr, value: number): void {
    Atomics.store(this.u16, at >>> 1, value);
  }
  exchange16(at: Ptr, value: number): number {
    return Atomics.exchange(this.u16, at >>> 1, value);
  }
  compareExchange16(at: Ptr, expected: number, replacement: number): number {
    return Atomics.compareExchange(this.u16, at >>> 1, expected, replacement);
  }

  // `Atomics` knows 64 bit only as BigInt: this is what the other backend is spared.
  load64(at: Ptr): number {
    return Number(Atomics.load(this.i64, at >>> 3));
  }
  store64(at: Ptr, value: number): void {
    Atomics.store(this.i64, at >>> 3, BigInt(value));
  }
  exchange64(at: Ptr, value: number): number {
    return Number(Atomics.exchange(this.i64, at >>> 3, BigInt(value)));
  }
  compareExchange64(at: Ptr, expected: number, replacement: number): number {
    return Number(Atomics.compareExchange(this.i64, at >>> 3, BigInt(expected), BigInt(replacement)));
  }
  fetchAdd64(at: Ptr, delta: number): number {
    return Number(Atomics.add(this.i64, at >>> 3, BigInt(delta)));
  }
}
