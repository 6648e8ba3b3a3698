/**
 * Checked mode: every address and value is looked at before the access goes to the backend.
 *
 * What it refuses with a `MemoryFault`: addresses out of range, unaligned or in page zero, memory
 * that the life check calls dead, values that do not fit the width, 64-bit words beyond ±(2^53−1).
 */
import { AccessCheck } from './access-check.ts';
import type { LifeCheck } from './access-check.ts';
import type { Backend, LayoutInfo, Memory, Ptr, WaitResult } from './memory.ts';

export class CheckedMemory implements Memory {
  readonly byteLength: number;
  readonly backend: Backend;
  readonly checked: boolean;
  readonly native: WebAssembly.Memory | undefined;
  private readonly inner: Memory;
  private readonly check: AccessCheck;

  constructor(inner: Memory) {
    this.byteLength = inner.byteLength;
    this.backend = inner.backend;
    this.checked = true;
    this.native = inner.native;
    this.inner = inner;
    this.check = new AccessCheck(inner.byteLength);
  }

  /** See `setLifeCheck` in `life-check.ts`. */
  setLifeCheck(lifeCheck: LifeCheck | undefined): void {
    this.check.setLifeCheck(lifeCheck);
  }

  load(at: Ptr): number {
    this.check.word('load', at, 4, 'read');
    return this.inner.load(at);
  }
  store(at: Ptr, value: number): void {
    this.check.word('store', at, 4, 'write');
    this.check.value('store', at, 32, value);
    this.inner.store(at, value);
  }
  exchange(at: Ptr, value: number): number {
    this.check.word('exchange', at, 4, 'update');
    this.check.value('exchange', at, 32, value);
    return this.inner.exchange(at, value);
  }
  compareExchange(at: Ptr, expected: number, replacement: number): number {
    this.check.word('compareExchange', at, 4, 'update');
    this.check.value('compareExchange', at, 32, expected);
    this.check.value('compareExchange', at, 32, replacement);
    return this.inner.compareExchange(at, expected, replacement);
  }
  fetchAdd(at: Ptr, delta: number): number {
    this.check.word('fetchAdd', at, 4, 'update');
    this.check.value('fetchAdd', at, 32, delta);
    return this.inner.fetchAdd(at, delta);
  }
  fetchAnd(at: Ptr, mask: number): number {
    this.check.word('fetchAnd', at, 4, 'update');
    this.check.value('fetchAnd', at, 32, mask);
    return this.inner.fetchAnd(at, mask);
  }
  fetchOr(at: Ptr, mask: number): number {
    this.check.word('fetchOr', at, 4, 'update');
    this.check.value('fetchOr', at, 32, mask);
    return this.inner.fetchOr(at, mask);
  }
  fetchXor(at: Ptr, mask: number): number {
    this.check.word('fetchXor', at, 4, 'update');
    this.check.value('fetchXor', at, 32, mask);
    return this.inner.fetchXor(at, mask);
  }

  load8(at: Ptr): number {
    this.check.word('load8', at, 1, 'read');
    return this.inner.load8(at);
  }
  store8(at: Ptr, value: number): void {
    this.check.word('store8', at, 1, 'write');
    this.check.value('store8', at, 8, value);
    this.inner.store8(at, value);
  }
  exchange8(at: Ptr, value: number): number {
    this.check.word('exchange8', at, 1, 'update');
    this.check.value('exchange8', at, 8, value);
    return this.inner.exchange8(at, value);
  }
  compareExchange8(at: Ptr, expected: number, replacement: number): number {
    this.check.word('compareExchange8', at, 1, 'update');
    this.check.value('compareExchange8', at, 8, expected);
    this.check.value('compareExchange8', at, 8, replacement);
    return this.inner.compareExchange8(at, expected, replacement);
  }

  load16(at: Ptr): number {
    this.check.word('load16', at, 2, 'read');
    return this.inner.load16(at);
  }
  store16(at: Ptr, value: number): void {
    this.check.word('store16', at, 2, 'write');
    this.check.value('store16', at, 16, value);
    this.inner.store16(at, value);
  }
  exchange16(at: Ptr, value: number): number {
    this.check.word('exchange16', at, 2, 'update');
    this.check.value('exchange16', at, 16, value);
    return this.inner.exchange16(at, value);
  }
  compareExchange16(at: Ptr, expected: number, replacement: number): number {
    this.check.word('compareExchange16', at, 2, 'update');
    this.check.value('compareExchange16', at, 16, expected);
    this.check.value('compareExchange16', at, 16, replacement);
    return this.inner.compareExchange16(at, expected, replacement);
  }

  load64(at: Ptr): number {
    this.check.word('load64', at, 8, 'read');
    return this.check.exact64('load64', at, this.inner.load64(at));
  }
  store64(at: Ptr, value: number): void {
    this.check.word('store64', at, 8, 'write');
    this.check.value64('store64', at, value);
    this.inner.store64(at, value);
  }
  exchange64(at: Ptr, value: number): number {
    this.check.word('exchange64', at, 8, 'update');
    this.check.value64('exchange64', at, value);
    return this.check.exact64('exchange64', at, this.inner.exchange64(at, value));
  }
  compareExchange64(at: Ptr, expected: number, replacement: number): number {
    this.check.word('compareExchange64', at, 8, 'update');
    this.check.value64('compareExchange64', at, expected);
    this.check.value64('compareExchange64', at, replacement);
    return this.check.exact64(
      'compareExchange64',
      at,
      this.inner.compareExchange64(at, expected, replacement),
    );
  }
  fetchAdd64(at: Ptr, delta: number): number {
    this.check.word('fetchAdd64', at, 8, 'update');
    this.check.value64('fetchAdd64', at, delta);
    return this.check.exact64('fetchAdd64', at, this.inner.fetchAdd64(at, delta));
  }

  loadBig64(at: Ptr): bigint {
    this.check.word('loadBig64', at, 8, 'read');
    return this.inner.loadBig64(at);
  }
  storeBig64(at: Ptr, value: bigint): void {
    this.check.word('storeBig64', at, 8, 'write');
    this.check.big64('storeBig64', at, value);
    this.inner.storeBig64(at, value);
  }
  compareExchangeBig64(at: Ptr, expected: bigint, replacement: bigint): bigint {
    this.check.word('compareExchangeBig64', at, 8, 'update');
    this.check.big64('compareExchangeBig64', at, expected);
    this.check.big64('compareExchangeBig64', at, replacement);
    return this.inner.compareExchangeBig64(at, expected, replacement);
  }
  fetchAddBig64(at: Ptr, delta: bigint): bigint {
    this.check.word('fetchAddBig64', at, 8, 'update');
    this.check.big64('fetchAddBig64', at, delta);
    return this.inner.fetchAddBig64(at, delta);
  }

  read(at: Ptr): number {
    this.check.word('read', at, 4, 'read');
    return this.inner.read(at);
  }
  write(at: Ptr, value: number): void {
    this.check.word('write', at, 4, 'write');
    this.check.value('write', at, 32, value);
    this.inner.write(at, value);
  }
  readSigned(at: Ptr): number {
    this.check.word('readSigned', at, 4, 'read');
    return this.inner.readSigned(at);
  }
  read8(at: Ptr): number {
    this.check.word('read8', at, 1, 'read');
    return this.inner.read8(at);
  }
  write8(at: Ptr, value: number): void {
    this.check.word('write8', at, 1, 'write');
    this.check.value('write8', at, 8, value);
    this.inner.write8(at, value);
  }
  read16(at: Ptr): number {
    this.check.word('read16', at, 2, 'read');
    return this.inner.read16(at);
  }
  write16(at: Ptr, value: number): void {
    this.check.word('write16', at, 2, 'write');
    this.check.value('write16', at, 16, value);
    this.inner.write16(at, value);
  }
  read64(at: Ptr): number {
    this.check.word('read64', at, 8, 'read');
    return this.check.exact64('read64', at, this.inner.read64(at));
  }
  write64(at: Ptr, value: number): void {
    this.check.word('write64', at, 8, 'write');
    this.check.value64('write64', at, value);
    this.inner.write64(at, value);
  }
  readF64(at: Ptr): number {
    this.check.word('readF64', at, 8, 'read');
    return this.inner.readF64(at);
  }
  writeF64(at: Ptr, value: number): void {
    this.check.word('writeF64', at, 8, 'write');
    this.inner.writeF64(at, value);
  }
  copy(to: Ptr, from: Ptr, bytes: number): void {
    this.check.range('copy', from, bytes, 'read');
    this.check.range('copy', to, bytes, 'write');
    this.inner.copy(to, from, bytes);
  }
  fill(at: Ptr, byte: number, bytes: number): void {
    this.check.range('fill', at, bytes, 'write');
    this.check.value('fill', at, 8, byte);
    this.inner.fill(at, byte, bytes);
  }

  readOwn(at: Ptr): number {
    this.check.word('readOwn', at, 4, 'read');
    return this.inner.readOwn(at);
  }
  writeOwn(at: Ptr, value: number): void {
    this.check.word('writeOwn', at, 4, 'write');
    this.check.value('writeOwn', at, 32, value);
    this.inner.writeOwn(at, value);
  }

  wait(at: Ptr, expected: number, timeoutNs: number = Infinity): WaitResult {
    this.check.word('wait', at, 4, 'wait');
    this.check.value('wait', at, 32, expected);
    this.check.duration('wait', timeoutNs);
    return this.inner.wait(at, expected, timeoutNs);
  }
  notify(at: Ptr, count: number = Infinity): number {
    this.check.word('notify', at, 4, 'notify');
    this.check.count('notify', at, count);
    return this.inner.notify(at, count);
  }
  now(): number {
    return this.inner.now();
  }
  pause(): void {
    this.inner.pause();
  }
  delay(ns: number): void {
    this.check.duration('delay', ns);
    this.inner.delay(ns);
  }

  describe(at: Ptr, layout: LayoutInfo, name?: string): void {
    this.check.range('describe', at, layout.size, 'read');
    this.inner.describe(at, layout, name);
  }
}
