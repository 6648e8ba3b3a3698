/** CPUs that a test steps by hand, each with a memory object of its own: a life check belongs to one. */
import { attachCpu, bringUpMachine, onlineCpu } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { createMemory } from '@percpu/memory';
import { MM_PARAMETERS } from '../../src/index.ts';

export function cpusWithMemories(
  count: number,
  parameters: Readonly<Record<string, number | boolean | string>> = {},
  checked = true,
): Cpu[] {
  const first = createMemory({ bytes: 16 << 20, checked });
  bringUpMachine(first, {
    cpus: count,
    parameters: { panic_on_oops: false, ...parameters },
    declares: MM_PARAMETERS,
  });
  return Array.from({ length: count }, (_, id) => {
    const memory =
      id === 0
        ? first
        : createMemory({ native: first.native!, backend: first.backend as 'wasm', checked });
    const cpu = attachCpu(memory, id);
    onlineCpu(cpu);
    return cpu;
  });
}
