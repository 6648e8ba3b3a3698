/** `slabView(cpu)`: the first CPU to ask makes the caches of kmalloc. */
import { lockView } from '@percpu/locks';
import type { Cpu, Subsystem } from '@percpu/machine';
import { memblockAlloc, percpuAlloc } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import { mmView } from '../page/mm-view.ts';
import { slabLifeCheck } from '../debug/slab-life-check.ts';
import { defineFlush } from './flush-name.ts';
import { KMALLOC_SIZES } from './kmalloc-sizes.ts';
import { makeCache } from './make-cache.ts';
import type { SlabView } from './slab-cpu-view.ts';
import { debugFlagsOf, makeSlabView } from './slab-cpu-view.ts';
import { SlabCpu, SlabShared } from './slab-shared.ts';

const subsystem: Subsystem<SlabView> = {
  name: 'slab',
  create(cpu: Cpu): Ptr {
    const { memory, machine } = cpu;
    mmView(cpu);
    const at = memblockAlloc(memory, SlabShared.size, SlabShared.align);
    memory.describe(at, SlabShared, 'slab');
    memory.write(
      at + SlabShared.perCpu,
      percpuAlloc(memory, machine.percpu, SlabCpu.size, SlabCpu.align),
    );
    const flags = debugFlagsOf(cpu);
    for (const [index, size] of KMALLOC_SIZES.entries()) {
      if (size === 0) continue;
      const name = size < 1024 ? `kmalloc-${size}` : `kmalloc-${size / 1024}k`;
      const align = Number.isInteger(Math.log2(size)) ? size : 8;
      const cache = makeCache(cpu, at, { name, size, align, flags, ctor: 0 });
      memory.write(at + SlabShared.kmalloc + 4 * index, cache);
    }
    return at;
  },
  attach(cpu: Cpu, at: Ptr): SlabView {
    lockView(cpu);
    defineFlush(cpu);
    const view = makeSlabView(cpu, at);
    cpu.memory.store(view.attached, 1);
    if (view.debugFlags !== 0) view.mm.slabLife = slabLifeCheck(cpu, view.inside);
    return view;
  },
};

/** This CPU's view. The first call of a CPU may wait: not in NMIs. */
export function slabView(cpu: Cpu): SlabView {
  return (cpu.slabView as SlabView | null) ?? makeView(cpu);
}

function makeView(cpu: Cpu): SlabView {
  const view = cpu.use(subsystem);
  cpu.slabView = view;
  return view;
}
