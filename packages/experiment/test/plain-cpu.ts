/** The least host: one CPU over an ordinary buffer, with a clock that it turns itself. */

import type { BenchCpu, BenchMemory } from '../src/index.ts';

export class FakeMemory implements BenchMemory {
  readonly view: DataView = new DataView(new ArrayBuffer(64 * 1024));
  load = (at: number): number => this.view.getUint32(at, true);
  store = (at: number, value: number): void => {
    this.view.setUint32(at, value, true);
  };
  fetchAdd = (at: number, delta: number): number => {
    const before = this.load(at);
    this.store(at, before + delta);
    return before;
  };
  read = this.load;
  write = this.store;
  readF64 = (at: number): number => this.view.getFloat64(at, true);
  writeF64 = (at: number, value: number): void => {
    this.view.setFloat64(at, value, true);
  };
  fill = (at: number, byte: number, bytes: number): void => {
    new Uint8Array(this.view.buffer).fill(byte, at, at + bytes);
  };
}

/** Time passes only in `delay`: a virtual clock. */
export class FakeCpu implements BenchCpu<FakeMemory> {
  readonly id = 0;
  readonly nrCpus = 1;
  readonly memory = new FakeMemory();
  #now = 1_000;
  now = (): number => this.#now;
  delay = (ns: number): void => {
    this.#now += ns;
  };
  relax = (): void => {
    this.delay(10);
  };
  waitWhileEquals = (): number => {
    throw new Error('a CPU alone would wait for ever');
  };
  unpark = (): void => undefined;
}
