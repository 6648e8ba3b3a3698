import { createMemory } from '@percpu/memory';
import { attachCpu, bringUpMachine, onlineCpu } from '../../src/index.ts';
import type { Cpu, ParameterValues, Sleeps } from '../../src/index.ts';

/** CPUs that a test steps by hand, in one thread: every interleaving is one the test chose. */
export function cpusInOneThread(count: number, parameters: ParameterValues = {}): Cpu[] {
  const memory = createMemory({ bytes: 16 << 20, checked: true });
  bringUpMachine(memory, { cpus: count, parameters });
  return Array.from({ length: count }, (_, id) => {
    const cpu = attachCpu(memory, id);
    onlineCpu(cpu);
    return cpu;
  });
}

/** Lets each CPU run one task in turn until none has anything to do; the number of turns. */
export function runAll(cpus: readonly Cpu[], limit = 10_000): number {
  for (let turns = 0; turns < limit;) {
    let ran = false;
    for (const cpu of cpus) {
      cpu.takeInterrupts();
      if (!cpu.scheduler.runNext()) continue;
      ran = true;
      turns++;
    }
    if (!ran) return turns;
  }
  throw new Error(`still running after ${limit} turns`);
}

/** Starts a task and gives back what comes of it. */
export function spawn<T>(
  cpu: Cpu,
  name: string,
  body: Sleeps<T>,
): { at: number; value?: T; error?: unknown } {
  const result: { at: number; value?: T; error?: unknown } = { at: 0 };
  result.at = cpu.scheduler.start(name, body, (outcome) => {
    if (outcome.ok) result.value = outcome.value as T;
    else result.error = outcome.error;
  });
  return result;
}
