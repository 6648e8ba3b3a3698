import type { Cpu } from './cpu.ts';
import { writeDmesg } from './dmesg.ts';
import type { LogLevelName } from './dmesg.ts';

/**
 * Linux: printk(). Appends to the dmesg ring; several lines become several records. Any context, also
 * with interrupts off, in an NMI, or on a CPU that crashes: it never waits.
 */
export function printk(cpu: Cpu, level: LogLevelName, text: string): void {
  const { memory, machine } = cpu;
  const time = memory.now() - machine.bootTime;
  for (const line of text.split('\n')) writeDmesg(memory, machine.dmesg, level, cpu.id, time, line);
}
