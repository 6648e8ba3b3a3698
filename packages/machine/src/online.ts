/** Which CPUs are online: one bit each in a mask that all may read at any time. */
import type { Memory } from '@percpu/memory';
import type { Cpu } from './cpu.ts';
import type { MachineInfo } from './machine-info.ts';

/** Linux: set_cpu_online(cpu, true), by the CPU itself. */
export function onlineCpu(cpu: Cpu): void {
  cpu.memory.fetchOr(cpu.machine.onlineMask + (cpu.id >>> 5) * 4, (1 << (cpu.id & 31)) >>> 0);
}

/** Linux: set_cpu_online(cpu, false), by the CPU itself. */
export function offlineCpu(cpu: Cpu): void {
  cpu.memory.fetchAnd(cpu.machine.onlineMask + (cpu.id >>> 5) * 4, ~(1 << (cpu.id & 31)) >>> 0);
}

/** Linux: cpu_online(). Any context; also for threads that are no CPU. False for numbers that do not exist. */
export function cpuOnline(memory: Memory, machine: MachineInfo, id: number): boolean {
  if (id < 0 || id >= machine.nrCpus) return false;
  return (memory.load(machine.onlineMask + (id >>> 5) * 4) & (1 << (id & 31))) !== 0;
}

/** Linux: num_online_cpus(). */
export function numOnlineCpus(memory: Memory, machine: MachineInfo): number {
  let online = 0;
  for (let id = 0; id < machine.nrCpus; id++) if (cpuOnline(memory, machine, id)) online++;
  return online;
}

/** Linux: for_each_online_cpu(), as an array. */
export function onlineCpus(memory: Memory, machine: MachineInfo): number[] {
  const online: number[] = [];
  for (let id = 0; id < machine.nrCpus; id++) if (cpuOnline(memory, machine, id)) online.push(id);
  return online;
}
