import { attachCpu, bringUpMachine, onlineCpu } from '@percpu/machine';
import type { Cpu, Sleeps } from '@percpu/machine';
import { createMemory } from '@percpu/memory';
import type { MemoryOptions } from '@percpu/memory';

/** CPUs that a test steps by hand, in one thread: every interleaving is one the test chose. A BUG is a KernelOops with its text. */
export function cpusInOneThread(count: number, options: MemoryOptions = {}): Cpu[] {
  const memory = createMemory({ bytes: 16 << 20, backend: 'atomics', ...options });
  bringUpMachine(memory, { cpus: count, parameters: { panic_on_oops: false } });
  return Array.from({ length: count }, (_, id) => {
    const cpu = attachCpu(memory, id);
    onlineCpu(cpu);
    return cpu;
  });
}

/** Lets each CPU run one task in turn until none has anything to do. */
export function runAll(cpus: readonly Cpu[], limit = 10_000): void {
  for (let turn = 0; turn < limit; turn++) {
    let ran = false;
    for (const cpu of cpus) {
      cpu.takeInterrupts();
      ran = cpu.scheduler.runNext() || ran;
    }
    if (!ran) return;
  }
  throw new Error(`still running after ${limit} turns`);
}

/** Starts a task on `cpu`; an error in it is the test's. */
export function start(cpu: Cpu, name: string, body: Sleeps<unknown>): void {
  cpu.scheduler.start(name, body, (outcome) => {
    if (!outcome.ok) throw outcome.error;
  });
}
