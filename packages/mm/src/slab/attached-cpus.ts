/** Which CPUs may have slabs of their own: those that have a view. The others have no function to let go of them either. */
import { onlineCpus } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { perCpuPtr } from '@percpu/memory';
import { SlabCpu, SlabShared } from './slab-shared.ts';
import { slabView } from './slab-view.ts';

export interface AttachedCpus {
  readonly online: readonly number[];
  readonly offline: readonly number[];
}

export function attachedCpus(cpu: Cpu): AttachedCpus {
  const { memory, machine } = cpu;
  const isOnline = onlineCpus(memory, machine);
  const offset = memory.read(slabView(cpu).at + SlabShared.perCpu);
  const online: number[] = [];
  const offline: number[] = [];
  for (let id = 0; id < cpu.nrCpus; id++) {
    const own = perCpuPtr(machine.percpu, offset, id);
    if (memory.load(own + SlabCpu.attached) === 0) continue;
    (isOnline.includes(id) ? online : offline).push(id);
  }
  return { online, offline };
}
