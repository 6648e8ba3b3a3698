/** What the bench explores. Loaded through the transform. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';

export const storeBuffering: Exploration = exploration<{ x: Ptr; y: Ptr }>({
  name: 'store-buffering',
  title: 'Store buffering',
  description: 'Two CPUs, two accesses each.',
  on: 'memory',
  setup: ({ alloc }) => ({ x: alloc(4), y: alloc(4) }),
  programs: [
    (p, { x, y }): void => {
      p.memory.store(x, 1);
      p.see('r0', p.memory.load(y));
    },
    (p, { x, y }): void => {
      p.memory.store(y, 1);
      p.see('r1', p.memory.load(x));
    },
  ],
});

/** Queue node: behind it, and whether it waits. One for each CPU. The lock is the address of the last node, 0 = free. */
const NODE_BYTES = 64;
const NEXT = 0;
const WAITING = 4;

interface Queue {
  readonly lock: Ptr;
  readonly nodes: Ptr;
  readonly data: Ptr;
}

/** Mellor-Crummey & Scott 1991. That of @percpu/locks stands above this package. */
function lock(cpu: Cpu, at: Ptr, node: Ptr): void {
  const { memory } = cpu;
  memory.store(node + NEXT, 0);
  const before = memory.exchange(at, node);
  if (before === 0) return;
  memory.store(node + WAITING, 1);
  memory.store(before + NEXT, node);
  cpu.unparkCpu((before - node) / NODE_BYTES + cpu.id, before + NEXT);
  cpu.waitWhileEquals(node + WAITING, 1);
}

function unlock(cpu: Cpu, at: Ptr, node: Ptr): void {
  const { memory } = cpu;
  let behind = memory.load(node + NEXT);
  if (behind === 0) {
    if (memory.compareExchange(at, node, 0) === node) return;
    behind = cpu.waitWhileEquals(node + NEXT, 0);
  }
  memory.store(behind + WAITING, 0);
  cpu.unparkCpu((behind - node) / NODE_BYTES + cpu.id, behind + WAITING);
}

export const contendedMcs: Exploration = exploration<Queue, Cpu>({
  name: 'contended-mcs',
  title: 'Contended MCS lock',
  description: 'Three CPUs take one lock.',
  on: 'cpu',
  cpus: 3,
  parameters: { 'spin.budget': 1000 },
  setup: ({ alloc, cpus }: World<Cpu>) => ({
    lock: alloc(4),
    nodes: alloc(NODE_BYTES * cpus.length),
    data: alloc(4),
  }),
  program(p: Program<Cpu>, { lock: at, nodes, data }): void {
    const node = nodes + p.id * NODE_BYTES;
    lock(p.cpu, at, node);
    p.memory.write(data, p.memory.read(data) + 1);
    unlock(p.cpu, at, node);
  },
  after({ memory }, { data }) {
    if (memory.read(data) !== 3) throw new Error('an update is lost');
  },
});
