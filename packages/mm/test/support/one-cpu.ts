/** One CPU in this thread, for tests of what no other CPU has a part in. */
import { attachCpu, bringUpMachine, startCpu } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { createMemory } from '@percpu/memory';
import { MM_PARAMETERS } from '../../src/index.ts';

export function oneCpu(
  parameters: Readonly<Record<string, number | boolean | string>> = {},
  { cpus = 1, checked = true }: { cpus?: number; checked?: boolean } = {},
): Cpu {
  const memory = createMemory({ bytes: 16 << 20, checked });
  bringUpMachine(memory, {
    cpus,
    parameters: { panic_on_oops: false, ...parameters },
    declares: MM_PARAMETERS,
  });
  const cpu = attachCpu(memory, 0);
  startCpu(cpu, { hostWork: false, exit: false, outstanding: 0 });
  return cpu;
}
