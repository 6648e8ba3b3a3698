/** Programs for the tests of the core. */
import type { Cpu } from '../../src/index.ts';
import { printk } from '../../src/index.ts';

export function writesDmesg(cpu: Cpu, lines: number): void {
  for (let i = 0; i < lines; i++) {
    printk(cpu, 'info', `line ${i} of this CPU ${'-'.repeat(i % 150)}`);
    cpu.relax();
  }
}
