/** What each CPU does in the benchmark, for ever. Transformed. */
import { ticket } from '@percpu/locks';
import { attachCpu, bringUpMachine } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { createMemory, memblockAlloc } from '@percpu/memory';
import type { Memory } from '@percpu/memory';

export { bringUpMachine, createMemory, memblockAlloc, ticket };

/** Takes and releases a ticket lock of its own, and writes what the lock protects. */
export function body(
  memory: Memory,
  id: number,
  lock: number,
  data: number,
  progress: { rounds: number },
): void {
  const cpu: Cpu = attachCpu(memory, id);
  for (;;) {
    ticket.lock(cpu, lock);
    cpu.memory.write(data, cpu.memory.read(data) + 1);
    ticket.unlock(cpu, lock);
    progress.rounds++;
  }
}
