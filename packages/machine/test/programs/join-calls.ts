/** What the machine's own CPUs do while threads join. */
import type { Cpu } from '../../src/index.ts';
import { Errno, smpCallFunctionSingle } from '../../src/index.ts';

/** The called CPU counts at its own word. */
export const defineBump = (cpu: Cpu, at: number): number =>
  cpu.text.define('test_bump', (on) => {
    on.memory.fetchAdd(at + on.id * 4, 1);
  });

export const define = (cpu: Cpu, { at }: { at: number }): void => void defineBump(cpu, at);

/** Calls `target` once; 0 or an error code. */
export const call = (cpu: Cpu, { at, target }: { at: number; target: number }): number =>
  smpCallFunctionSingle(cpu, target, defineBump(cpu, at), at, true);

/** Calls `target` until the word `at + 128` says stop; how many calls were taken. */
export function callsOn(cpu: Cpu, { at, target }: { at: number; target: number }): number {
  const fn = defineBump(cpu, at);
  let taken = 0;
  while (cpu.memory.load(at + 128) === 0) {
    const result = smpCallFunctionSingle(cpu, target, fn, at, true);
    if (result === 0) taken++;
    else if (result !== Errno.ENXIO) return result;
    cpu.relax();
  }
  return taken;
}
