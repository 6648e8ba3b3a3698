/** Calls between two CPUs of a machine, for the calibration: the round trip of `smpCallFunctionSingle`. */
import { smpCallFunctionSingle } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';

const ROUNDS = 400;

/** CPU 0 calls CPU 1, which `asleep` or not waits for the word at `done`. ns, a tenth of the calls were faster; 0 on CPU 1. */
export function calls(cpu: Cpu, { done, asleep }: { done: number; asleep: boolean }): number {
  const fn = cpu.text.define('calibration', () => undefined);
  if (cpu.id === 1) {
    cpu.memory.store(done + 4, 1);
    if (asleep) cpu.waitWhileEquals(done, 0);
    else while (cpu.memory.load(done) === 0) cpu.relax();
    return 0;
  }
  while (cpu.memory.load(done + 4) === 0) cpu.relax();
  const samples: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    if (asleep) cpu.delay(150_000);
    const before = cpu.now();
    smpCallFunctionSingle(cpu, 1, fn, 0, true);
    samples.push(cpu.now() - before);
  }
  cpu.memory.store(done, 1);
  cpu.unpark(done);
  return samples.sort((a, b) => a - b)[ROUNDS / 10]!;
}
