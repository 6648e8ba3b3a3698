/** What the CPUs of these explorations have in common. */
import type { Program, World } from '@percpu/experiment';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../cpu.ts';
import type { KernelFunction } from '../../kernel-text.ts';
import { onlineCpu } from '../../online.ts';
import { setUpSmpCalls } from '../../smp-call.ts';

/** Waiters spin, and are parked by the explorer: for explorations that are not about sleeping. */
export const SPINNING = { 'spin.budget': 1000 } as const;

/** Makes all CPUs take calls of functions. */
export function takeCalls({ cpus }: World<Cpu>): void {
  for (const cpu of cpus) {
    setUpSmpCalls(cpu);
    onlineCpu(cpu);
  }
}

/** Gives `fn` an address on all CPUs. */
export function defineEverywhere({ cpus }: World<Cpu>, name: string, fn: KernelFunction): Ptr {
  let at = 0;
  for (const cpu of cpus) at = cpu.text.define(name, fn);
  return at;
}

/**
 * A function on all CPUs that counts its runs in the word `offset` bytes behind its argument, plainly: two runs at once are a race.
 * It returns `answer`.
 */
export function countRuns(w: World<Cpu>, offset: number, answer?: number): Ptr {
  return defineEverywhere(w, 'countRun', ({ memory }, at) => {
    memory.write(at + offset, memory.read(at + offset) + 1);
    return answer;
  });
}

/** A program of one access: somewhere to be interrupted. */
export function busy({ memory, cpu }: Program<Cpu>): void {
  memory.load(cpu.area);
}

/** Spins until the word at `at` is `value`, and takes interrupts all the while. */
export function stayUntil(cpu: Cpu, at: Ptr, value: number): void {
  cpu.takeInterrupts();
  while (cpu.memory.load(at) !== value) cpu.relax();
}

/** Throws unless it holds: the finding `assertion`. */
export function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
