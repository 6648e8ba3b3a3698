/** Programs that succeed. */
import type { Cpu, Sleeps } from '../../src/index.ts';

export const main = (cpu: Cpu, factor: number): number => cpu.id * factor;

export function* task(cpu: Cpu, factor: number): Sleeps<number> {
  for (let i = 0; i < 10; i++) yield;
  return cpu.id * factor;
}

export async function later(cpu: Cpu, factor: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return cpu.id * factor;
}

export const echo = (_cpu: Cpu, args: unknown): unknown => args;

export const context = (cpu: Cpu): unknown => ({
  inTask: cpu.inTask(),
  inAtomic: cpu.inAtomic(),
  preemptCount: cpu.preemptCount(),
  nrCpus: cpu.nrCpus,
});

/** Stays until CPU 0's program `release` has run, awaiting all the while. */
export async function awaits(cpu: Cpu): Promise<number> {
  while (cpu.memory.load(cpu.machine.onceTable) === 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return cpu.id;
}

export const release = (cpu: Cpu): void => {
  cpu.memory.store(cpu.machine.onceTable, 1);
};
