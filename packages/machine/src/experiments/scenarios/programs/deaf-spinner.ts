/** What the two CPUs of the scenario `deaf-spinner` run. */
import { memblockAlloc } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from '../../../cpu.ts';
import { smpCallFunction } from '../../../smp-call.ts';
import type { Subsystem } from '../../../subsystem.ts';

/** Two words: CPU 1 says that it spins; CPU 0 says that the broadcast is over. */
const SPINS = 0;
const OVER = 4;

const flags: Subsystem<Ptr> = {
  name: 'deaf-spinner',
  create: (cpu) => memblockAlloc(cpu.memory, 8, 4),
  attach: (_cpu, at) => at,
};

export function main(cpu: Cpu, { listens }: { readonly listens: boolean }): void {
  const at = cpu.use(flags);
  const hello = cpu.text.define('deaf_spinner_hello', () => undefined);
  if (cpu.id === 0) {
    cpu.waitWhileEquals(at + SPINS, 0);
    smpCallFunction(cpu, hello, 0, true);
    cpu.memory.store(at + OVER, 1);
    return;
  }
  cpu.memory.store(at + SPINS, 1);
  cpu.unpark(at + SPINS);
  if (listens) while (cpu.memory.load(at + OVER) === 0) cpu.relax();
  // The mistake that the scenario is about.
  // eslint-disable-next-line percpu/spin-loop-relaxes
  else while (cpu.memory.load(at + OVER) === 0);
}
