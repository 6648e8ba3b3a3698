/**
 * The backend `wasm`: every atomic access is a call of a WebAssembly function on the same memory.
 *
 * Each function is a field of its own: V8 then sees one constant target a call site and emits the
 * call without the generic entry. A shared object of exports or closures measured 5–20 % slower.
 */
import { NativeMemory } from './native-memory.ts';
import type { Clock } from './clock.ts';
import type { Ptr } from './memory.ts';
import type { AtomicOps } from './wasm/atomic-module.ts';

export class WasmMemory extends NativeMemory {
  readonly backend = 'wasm';
  private readonly wasmLoad: AtomicOps['load'];
  private readonly wasmStore: AtomicOps['store'];
  private readonly wasmExchange: AtomicOps['exchange'];
  private readonly wasmCompareExchange: AtomicOps['compareExchange'];
  private readonly wasmFetchAdd: AtomicOps['fetchAdd'];
  private readonly wasmFetchAnd: AtomicOps['fetchAnd'];
  private readonly wasmFetchOr: AtomicOps['fetchOr'];
  private readonly wasmFetchXor: AtomicOps['fetchXor'];
  private readonly wasmLoad8: AtomicOps['load8'];
  private readonly wasmStore8: AtomicOps['store8'];
  private readonly wasmExchange8: AtomicOps['exchange8'];
  private readonly wasmCompareExchange8: AtomicOps['compareExchange8'];
  private readonly wasmLoad16: AtomicOps['load16'];
  private readonly wasmStore16: AtomicOps['store16'];
  private readonly wasmExchange16: AtomicOps['exchange16'];
  private readonly wasmCompareExchange16: AtomicOps['compareExchange16'];
  private readonly wasmLoad64: AtomicOps['load64'];
  private readonly wasmStore64: AtomicOps['store64'];
  private readonly wasmExchange64: AtomicOps['exchange64'];
  private readonly wasmCompareExchange64: AtomicOps['compareExchange64'];
  private readonly wasmFetchAdd64: AtomicOps['fetchAdd64'];

  constructor(native: WebAssembly.Memory, clock: Clock, ops: AtomicOps) {
    super(native, clock);
    this.wasmLoad = ops.load;
    this.wasmStore = ops.store;
    this.wasmExchange = ops.exchange;
    this.wasmCompareExchange = ops.compareExchange;
    this.wasmFetchAdd = ops.fetchAdd;
    this.wasmFetchAnd = ops.fetchAnd;
    this.wasmFetchOr = ops.fetchOr;
    this.wasmFetchXor = ops.fetchXor;
    this.wasmLoad8 = ops.load8;
    this.wasmStore8 = ops.store8;
    this.wasmExchange8 = ops.exchange8;
    this.wasmCompareExchange8 = ops.compareExchange8;
    this.wasmLoad16 = ops.load16;
    this.wasmStore16 = ops.store16;
    this.wasmExchange16 = ops.exchange16;
    this.wasmCompareExchange16 = ops.compareExchange16;
    this.wasmLoad64 = ops.load64;
    this.wasmStore64 = ops.store64;
    this.wasmExchange64 = ops.exchange64;
    this.wasmCompareExchange64 = ops.compareExchange64;
    this.wasmFetchAdd64 = ops.fetchAdd64;
  }

  load(at: Ptr): number {
    return this.wasmLoad(at) >>> 0;
  }
  store(at: Ptr, value: number): void {
    this.wasmStore(at, value);
  }
  exchange(at: Ptr, value: number): number {
    return this.wasmExchange(at, value) >>> 0;
  }
  compareExchange(at: Ptr, expected: number, replacement: number): number {
    return this.wasmCompareExchange(at, expected, replacement) >>> 0;
  }
  fetchAdd(at: Ptr, delta: number): number {
    return this.wasmFetchAdd(at, delta) >>> 0;
  }
  fetchAnd(at: Ptr, mask: number): number {
    return this.wasmFetchAnd(at, mask) >>> 0;
  }
  fetchOr(at: Ptr, mask: number): number {
    return this.wasmFetchOr(at, mask) >>> 0;
  }
  fetchXor(at: Ptr, mask: number): number {
    return this.wasmFetchXor(at, mask) >>> 0;
  }

  load8(at: Ptr): number {
    return this.wasmLoad8(at);
  }
  store8(at: Ptr, value: number): void {
    this.wasmStore8(at, value);
  }
  exchange8(at: Ptr, value: number): number {
    return this.wasmExchange8(at, value);
  }
  compareExchange8(at: Ptr, expected: number, replacement: number): number {
    return this.wasmCompareExchange8(at, expected, replacement);
  }
  load16(at: Ptr): number {
    return this.wasmLoad16(at);
  }
  store16(at: Ptr, value: number): void {
    this.wasmStore16(at, value);
  }
  exchange16(at: Ptr, value: number): number {
    return this.wasmExchange16(at, value);
  }
  compareExchange16(at: Ptr, expected: number, replacement: number): number {
    return this.wasmCompareExchange16(at, expected, replacement);
  }

  load64(at: Ptr): number {
    return this.wasmLoad64(at);
  }
  store64(at: Ptr, value: number): void {
    this.wasmStore64(at, value);
  }
  exchange64(at: Ptr, value: number): number {
    return this.wasmExchange64(at, value);
  }
  compareExchange64(at: Ptr, expected: number, replacement: number): number {
    return this.wasmCompareExchange64(at, expected, replacement);
  }
  fetchAdd64(at: Ptr, delta: number): number {
    return this.wasmFetchAdd64(at, delta);
  }
}
