/** Device interrupts. */
import type { Cpu } from '../../src/index.ts';
import { freeIrq, raiseIrq, requestIrq } from '../../src/index.ts';

/** CPU 0 plays the device, the others handle; returns what each handled. */
export function handles(cpu: Cpu, { at, rounds }: { at: number; rounds: number }): number {
  const handler = cpu.text.define('test_irq', (on, irq, data) => {
    on.memory.fetchAdd(at + 64 + on.id * 4, irq * data);
    on.memory.fetchAdd(at + 4, 1);
    on.unpark(at + 4);
  });
  const word = at;
  cpu.memory.fetchAdd(word, 1);
  cpu.unpark(word);
  cpu.waitUntilEquals(word, cpu.nrCpus);
  if (cpu.id !== 0) {
    cpu.waitWhileEquals(at + 8, 0);
    return cpu.memory.load(at + 64 + cpu.id * 4);
  }
  requestIrq(cpu, 5, handler, 100);
  for (let i = 0; i < rounds; i++) {
    for (let to = 1; to < cpu.nrCpus; to++) raiseIrq(cpu, to, 5);
    cpu.waitUntilEquals(at + 4, (i + 1) * (cpu.nrCpus - 1));
  }
  freeIrq(cpu, 5);
  cpu.memory.store(at + 8, 1);
  cpu.unpark(at + 8);
  return 0;
}
