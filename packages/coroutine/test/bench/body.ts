/** What each CPU does in the benchmark, for ever. Transformed. */
import { attachCpu, bringUpMachine, rawSpinLock, rawSpinUnlock } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { createMemory, memblockAlloc } from '@percpu/memory';
import type { Memory } from '@percpu/memory';

export { bringUpMachine, createMemory, memblockAlloc };

/** Takes and releases a spin lock of its own, and writes what the lock protects. */
export function body(
  memory: Memory,
  id: number,
  lock: number,
  data: number,
  progress: { rounds: number },
): void {
  const cpu: Cpu = attachCpu(memory, id);
  for (;;) {
    rawSpinLock(cpu, lock);
    cpu.memory.write(data, cpu.memory.read(data) + 1);
    rawSpinUnlock(cpu, lock);
    progress.rounds++;
  }
}
