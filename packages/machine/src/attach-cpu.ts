import type { Memory } from '@percpu/memory';
import { Cpu } from './cpu.ts';
import { machineInfo } from './machine-info.ts';
import { createScheduler } from './task/task-scheduler.ts';

/** The CPU `id` of the machine in `memory`, for the one thread or coroutine that is to be this CPU. */
export function attachCpu(memory: Memory, id: number): Cpu {
  const machine = machineInfo(memory);
  if (!Number.isInteger(id) || id < 0 || id >= machine.nrCpus) {
    throw new RangeError(`attachCpu: CPU ${id}; this machine has 0 to ${machine.nrCpus - 1}`);
  }
  const cpu = new Cpu(memory, machine, id);
  cpu.scheduler = createScheduler(cpu);
  return cpu;
}
