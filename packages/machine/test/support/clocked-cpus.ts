import { createMemory, memblockAlloc } from '@percpu/memory';
import type { LayoutInfo, Memory, Ptr } from '@percpu/memory';
import { attachCpu, bringUpMachine, readDmesg, startCpu } from '../../src/index.ts';
import type { Cpu, CpuHost, ParameterValues } from '../../src/index.ts';

/** A clock that stands still until the test moves it. In ns. */
export class FakeClock {
  ns = 0;

  advance(ns: number): void {
    this.ns += ns;
  }
}

/** Started CPUs in one thread, on a clock of the test's; it starts at `start` ns. Memory is checked. */
export interface ClockedCpus {
  readonly clock: FakeClock;
  readonly memory: Memory;
  readonly cpus: readonly Cpu[];
  readonly cpu: Cpu;
}

export interface ClockedOptions {
  readonly cpus?: number;
  readonly start?: number;
  readonly parameters?: ParameterValues;
}

export function clockedCpus(options: ClockedOptions = {}): ClockedCpus {
  const clock = new FakeClock();
  clock.ns = options.start ?? 0;
  const count = options.cpus ?? 1;
  const memory = createMemory({ bytes: 8 << 20, backend: 'atomics', clock: () => clock.ns });
  // A BUG then throws what it says, instead of a panic.
  const parameters = { panic_on_oops: false, ...options.parameters };
  bringUpMachine(memory, { cpus: count, parameters });
  const cpus = Array.from({ length: count }, (_, id) => attachCpu(memory, id));
  const host: CpuHost = { hostWork: false, exit: false, outstanding: 0 };
  for (const cpu of cpus) startCpu(cpu, host);
  return { clock, memory, cpus, cpu: cpus[0]! };
}

/** Zeroed memory for one struct. */
export function alloc(memory: Memory, { size, align }: LayoutInfo): Ptr {
  return memblockAlloc(memory, size, align);
}

/** The texts of dmesg, without time and CPU. */
export function dmesgTexts(cpu: Cpu): string[] {
  return readDmesg(cpu.memory, cpu.machine.dmesg).lines.map((line) => line.text);
}
