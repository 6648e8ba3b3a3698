/**
 * The bytes that simulated CPUs share, with the names that `describe` gave them.
 *
 * One thread uses it, so it is an ordinary ArrayBuffer. A run writes to few of its pages: `rewind` puts back those,
 * so that an explorer starts thousands of runs a second from the same state.
 */
import type { LayoutInfo, Ptr } from '@percpu/memory';
import { PAGE_SIZE } from '@percpu/memory';
import { AddressNames } from './address-names.ts';
import type { SimulatedMemory } from './memory.ts';

const PAGE_SHIFT = Math.log2(PAGE_SIZE);
const MIN_BYTES = 2 ** 16;
const MAX_BYTES = 2 ** 32;

export class SimulatedStore {
  readonly byteLength: number;
  readonly buffer: ArrayBuffer;
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  readonly u64: BigUint64Array;
  readonly names: AddressNames = new AddressNames();
  /** The memory of the CPU whose code runs now, or ran last: for accesses that do not name a memory. */
  running: SimulatedMemory | undefined = undefined;
  /** Pages written since the last checkpoint or rewind. */
  private readonly dirty: Uint8Array;
  private saved: Uint8Array | undefined;

  /** @throws RangeError unless `bytes` is a whole number from 64 KiB to 4 GiB. Rounded up to pages. */
  constructor(bytes: number) {
    if (!Number.isSafeInteger(bytes) || bytes < MIN_BYTES || bytes > MAX_BYTES) {
      throw new RangeError(
        `simulated memory: ${bytes} bytes; accepted are whole numbers from ${MIN_BYTES} (64 KiB) to ${MAX_BYTES} (4 GiB)`,
      );
    }
    this.byteLength = Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
    this.buffer = new ArrayBuffer(this.byteLength);
    this.u8 = new Uint8Array(this.buffer);
    this.u16 = new Uint16Array(this.buffer);
    this.u32 = new Uint32Array(this.buffer);
    this.i32 = new Int32Array(this.buffer);
    this.f64 = new Float64Array(this.buffer);
    this.u64 = new BigUint64Array(this.buffer);
    this.dirty = new Uint8Array(this.byteLength >>> PAGE_SHIFT);
  }

  /** Whoever writes says so first. */
  touch(at: Ptr, bytes: number): void {
    const last = (at + bytes - 1) >>> PAGE_SHIFT;
    for (let page = at >>> PAGE_SHIFT; page <= last; page++) this.dirty[page] = 1;
  }

  /** Remembers the present contents and names. */
  checkpoint(): void {
    this.saved = this.u8.slice();
    this.dirty.fill(0);
    this.names.checkpoint();
  }

  /** Back to the last checkpoint; without one, to zeroes. */
  rewind(): void {
    for (let page = 0; page < this.dirty.length; page++) {
      if (this.dirty[page] === 0) continue;
      this.dirty[page] = 0;
      const start = (page << PAGE_SHIFT) >>> 0;
      if (this.saved === undefined) this.u8.fill(0, start, start + PAGE_SIZE);
      else this.u8.set(this.saved.subarray(start, start + PAGE_SIZE), start);
    }
    this.names.rewind();
  }

  describe(at: Ptr, layout: LayoutInfo, name?: string): void {
    this.names.add(at, layout, name);
  }
}
