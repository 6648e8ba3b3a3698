/** The least host: one CPU over an ordinary buffer, with a clock that it turns itself. */

import type { BenchCpu, BenchMemory, CpuMeasurement, Experiment, Place } from '../../src/index.ts';
import { chooseCell, measure, runWithoutSleeping, type Choice } from '../../src/index.ts';

export class PlainMemory implements BenchMemory {
  readonly #view: DataView = new DataView(new ArrayBuffer(64 * 1024));
  load(at: number): number {
    return this.#view.getUint32(at, true);
  }
  store(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }
  fetchAdd(at: number, delta: number): number {
    const before = this.load(at);
    this.store(at, before + delta);
    return before;
  }
  read(at: number): number {
    return this.load(at);
  }
  write(at: number, value: number): void {
    this.store(at, value);
  }
  readF64(at: number): number {
    return this.#view.getFloat64(at, true);
  }
  writeF64(at: number, value: number): void {
    this.#view.setFloat64(at, value, true);
  }
  fill(at: number, byte: number, bytes: number): void {
    for (let i = 0; i < bytes; i++) this.#view.setUint8(at + i, byte);
  }
}

/** Time passes only in `delay` and `relax`: a virtual clock. */
export class PlainCpu implements BenchCpu<PlainMemory> {
  readonly id: number = 0;
  readonly nrCpus: number = 1;
  readonly memory: PlainMemory = new PlainMemory();
  #now = 1_000;
  now(): number {
    return this.#now;
  }
  delay(ns: number): void {
    this.#now += ns;
  }
  relax(): void {
    this.delay(10);
  }
  waitWhileEquals(at: number): never {
    throw new Error(`a CPU alone waits at ${at} for ever`);
  }
  unpark(): void {}
}

export const PLACE: Place = { control: 4096, arena: { at: 8192, bytes: 4096 } };

/** One microsecond of warm-up, then ten measured, unless `choice` says otherwise. */
export function measureAlone(
  experiment: Experiment,
  choice: Partial<Choice> = {},
  cpu: PlainCpu = new PlainCpu(),
): CpuMeasurement {
  const window = { kind: 'time', warmUpNs: 1_000, measureNs: 10_000 } as const;
  const variant = Object.keys(experiment.variants)[0]!;
  const cell = chooseCell(experiment, { variant, cpus: 1, window, ...choice });
  return runWithoutSleeping(measure(cpu, experiment, cell, PLACE));
}
