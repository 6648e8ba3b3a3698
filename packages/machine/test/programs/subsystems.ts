/** A subsystem that counts how often it was created and attached; another that needs it. */
import { memblockAlloc } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { Cpu, Subsystem } from '../../src/index.ts';

interface View {
  readonly at: Ptr;
  readonly cpu: number;
}

const counted: Subsystem<View> = {
  name: 'counted',
  create: (cpu) => {
    const at = memblockAlloc(cpu.memory, 128);
    // Long enough that the others come while it is being created.
    cpu.delay(2_000_000);
    cpu.memory.fetchAdd(at, 1);
    return at;
  },
  attach: (cpu, at) => {
    cpu.memory.fetchAdd(at + 4, 1);
    return { at, cpu: cpu.id };
  },
};

const above: Subsystem<number> = {
  name: 'above',
  create: (cpu) => cpu.use(counted).at,
  attach: (_cpu, at) => at,
};

const ouroboros: Subsystem<number> = {
  name: 'ouroboros',
  create: (cpu) => cpu.use(ouroboros),
  attach: (_cpu, at) => at,
};

/** [address, times created, own view twice the same, address seen by the one above] */
export function main(cpu: Cpu): unknown {
  const below = cpu.use(above);
  const view = cpu.use(counted);
  return {
    at: view.at === below,
    created: cpu.memory.load(view.at),
    same: cpu.use(counted) === view,
    cpu: view.cpu,
  };
}

export const attached = (cpu: Cpu): number => cpu.memory.load(cpu.use(counted).at + 4);

export const needsItself = (cpu: Cpu): number => cpu.use(ouroboros);
