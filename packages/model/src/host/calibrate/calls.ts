/** Interrupts on this host, as @percpu/machine sends them. */
import { memblockAlloc } from '@percpu/memory';
import { Machine, sibling } from '@percpu/machine/boot';

/** Round trip in ns of a call to a CPU that spins, or that sleeps. */
export async function callRoundTrip(asleep: boolean): Promise<number> {
  const parameters = { 'relax.budget': 0, 'spin.budget': asleep ? 0 : 20_000 };
  const machine = await Machine.boot({ cpus: 2, checked: false, parameters });
  try {
    const module = sibling(import.meta.url, './ipi-program');
    const args = { done: memblockAlloc(machine.memory, 128, 128), asleep };
    const [ns] = await machine.run<number>({ module, export: 'calls', args });
    return ns!;
  } finally {
    await machine.shutdown();
  }
}
