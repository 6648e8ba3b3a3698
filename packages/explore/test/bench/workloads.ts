/** What the bench explores. Loaded through the transform. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import { McsLock, mcsLock, mcsUnlock } from '@percpu/locks';
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

export const contendedMcs: Exploration = exploration<{ lock: Ptr; data: Ptr }, Cpu>({
  name: 'contended-mcs',
  title: 'Contended MCS lock',
  description: 'Three CPUs take one lock.',
  on: 'cpu',
  cpus: 3,
  parameters: { 'spin.budget': 1000 },
  setup({ alloc, cpus }: World<Cpu>) {
    const lock = alloc(McsLock.size);
    // Each CPU makes its queue nodes when it first takes a lock: not what is measured.
    for (const cpu of cpus) {
      mcsLock(cpu, lock);
      mcsUnlock(cpu, lock);
    }
    return { lock, data: alloc(4) };
  },
  program(p: Program<Cpu>, { lock, data }): void {
    mcsLock(p.cpu, lock);
    p.memory.write(data, p.memory.read(data) + 1);
    mcsUnlock(p.cpu, lock);
  },
});
