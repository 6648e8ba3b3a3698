/** Asking a CPU what it is doing. Linux: trigger_single_cpu_backtrace(). */
import type { Cpu } from './cpu.ts';
import { NMI_BACKTRACE } from './interrupt-bits.ts';
import { printk } from './printk.ts';
import { cpuReport } from './report.ts';

/** The vector of the core: at start-up of each CPU. */
export function setUpBacktrace(cpu: Cpu): void {
  cpu.setVector(NMI_BACKTRACE, printBacktrace);
}

/** CPU `target` prints its state and call trace to dmesg at its next look, interrupts on or off. Any context. */
export function triggerBacktrace(cpu: Cpu, target: number): void {
  cpu.raise(target, NMI_BACKTRACE);
}

function printBacktrace(cpu: Cpu): void {
  printk(cpu, 'warning', 'NMI backtrace');
  printk(cpu, 'warning', cpuReport(cpu.memory, cpu.machine, cpu.id));
  const frames = (new Error().stack ?? '').split('\n').slice(2);
  for (const frame of frames) printk(cpu, 'warning', frame.slice(3));
}
