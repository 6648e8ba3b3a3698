/** The backend `wasm`: every atomic access is a call of a WebAssembly function on the same memory. */
import type { Clock } from './clock.ts';
import type { Memory, Ptr } from './memory.ts';
import { nativeBase } from './native-base.ts';
import type { AtomicOps } from './wasm/atomic-module.ts';

export function wasmMemory(native: WebAssembly.Memory, clock: Clock, ops: AtomicOps): Memory {
  // One constant a function: V8 then emits the call without the generic entry (see native-base.ts).
  const {
    load: wasmLoad,
    store: wasmStore,
    exchange: wasmExchange,
    compareExchange: wasmCompareExchange,
    fetchAdd: wasmFetchAdd,
    fetchAnd: wasmFetchAnd,
    fetchOr: wasmFetchOr,
    fetchXor: wasmFetchXor,
    load8: wasmLoad8,
    store8: wasmStore8,
    exchange8: wasmExchange8,
    compareExchange8: wasmCompareExchange8,
    load16: wasmLoad16,
    store16: wasmStore16,
    exchange16: wasmExchange16,
    compareExchange16: wasmCompareExchange16,
    load64: wasmLoad64,
    store64: wasmStore64,
    exchange64: wasmExchange64,
    compareExchange64: wasmCompareExchange64,
    fetchAdd64: wasmFetchAdd64,
  } = ops;

  class WasmMemory extends nativeBase(native, clock) implements Memory {
    readonly backend = 'wasm';

    load(at: Ptr): number {
      return wasmLoad(at) >>> 0;
    }
    store(at: Ptr, value: number): void {
      wasmStore(at, value);
    }
    exchange(at: Ptr, value: number): number {
      return wasmExchange(at, value) >>> 0;
    }
    compareExchange(at: Ptr, expected: number, replacement: number): number {
      return wasmCompareExchange(at, expected, replacement) >>> 0;
    }
    fetchAdd(at: Ptr, delta: number): number {
      return wasmFetchAdd(at, delta) >>> 0;
    }
    fetchAnd(at: Ptr, mask: number): number {
      return wasmFetchAnd(at, mask) >>> 0;
    }
    fetchOr(at: Ptr, mask: number): number {
      return wasmFetchOr(at, mask) >>> 0;
    }
    fetchXor(at: Ptr, mask: number): number {
      return wasmFetchXor(at, mask) >>> 0;
    }

    load8(at: Ptr): number {
      return wasmLoad8(at);
    }
    store8(at: Ptr, value: number): void {
      wasmStore8(at, value);
    }
    exchange8(at: Ptr, value: number): number {
      return wasmExchange8(at, value);
    }
    compareExchange8(at: Ptr, expected: number, replacement: number): number {
      return wasmCompareExchange8(at, expected, replacement);
    }
    load16(at: Ptr): number {
      return wasmLoad16(at);
    }
    store16(at: Ptr, value: number): void {
      wasmStore16(at, value);
    }
    exchange16(at: Ptr, value: number): number {
      return wasmExchange16(at, value);
    }
    compareExchange16(at: Ptr, expected: number, replacement: number): number {
      return wasmCompareExchange16(at, expected, replacement);
    }

    load64(at: Ptr): number {
      return wasmLoad64(at);
    }
    store64(at: Ptr, value: number): void {
      wasmStore64(at, value);
    }
    exchange64(at: Ptr, value: number): number {
      return wasmExchange64(at, value);
    }
    compareExchange64(at: Ptr, expected: number, replacement: number): number {
      return wasmCompareExchange64(at, expected, replacement);
    }
    fetchAdd64(at: Ptr, delta: number): number {
      return wasmFetchAdd64(at, delta);
    }
  }
  return new WasmMemory();
}
