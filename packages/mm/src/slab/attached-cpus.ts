import { onlineCpus } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { perCpuPtr } from '@percpu/memory';
import { SlabCpu, SlabShared } from './slab-shared.ts';
import { slabView } from './slab-view.ts';

/** The online CPUs that have a view: the others have no slabs, and no function to let go of them. */
export function attachedCpus(cpu: Cpu): number[] {
  const { memory, machine } = cpu;
  const offset = memory.read(slabView(cpu).at + SlabShared.perCpu);
  const attached: number[] = [];
  for (const id of onlineCpus(memory, machine)) {
    const own = perCpuPtr(machine.percpu, offset, id);
    if (memory.load(own + SlabCpu.attached) !== 0) attached.push(id);
  }
  return attached;
}
