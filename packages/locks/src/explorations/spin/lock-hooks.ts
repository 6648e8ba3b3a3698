/** Locks while a checker looks on: other code runs then, which must exclude as well. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { SpinLockType } from '../../spin/spin-lock-type.ts';
import { expectFree, expectIncrements, increment, lockAndData } from '../guarded.ts';
import type { LockAndData } from '../guarded.ts';
import { SPIN_LOCKS } from './types.ts';
import { PURE_SPINNING } from '../waiting.ts';

const ALONE = 'acquire acquired release';
const WAITED = 'acquire contended acquired release';

/** Writes down what its CPU is told. */
function attachHooks(cpu: Cpu): string[] {
  const told: string[] = [];
  cpu.lockHooks = {
    acquire: () => told.push('acquire'),
    contended: () => told.push('contended'),
    acquired: () => told.push('acquired'),
    release: () => told.push('release'),
  };
  return told;
}

export const lockHookExplorations: readonly Exploration[] = SPIN_LOCKS.map((type: SpinLockType) =>
  exploration<LockAndData, Cpu>({
    name: `${type.name}-with-hooks`,
    title: `${type.name}: hooks are told of every acquisition, and who had to wait`,
    description:
      'With hooks attached an attempt comes before the wait. At most one of two CPUs is told that it has to wait.',
    on: 'cpu',
    cpus: 2,
    parameters: PURE_SPINNING.parameters,
    setup: (world: World<Cpu>) => lockAndData(world, type),
    program(p: Program<Cpu>, { lock, data }) {
      const told = attachHooks(p.cpu);
      type.lock(p.cpu, lock);
      increment(p.cpu, data);
      type.unlock(p.cpu, lock);
      p.see(`cpu${p.id}`, told.join(' '));
    },
    after(world: World<Cpu>, { lock, data }) {
      expectIncrements(world, data, 2);
      expectFree(world, type, lock);
    },
    allowed: [
      { cpu0: ALONE, cpu1: ALONE },
      { cpu0: WAITED, cpu1: ALONE },
      { cpu0: ALONE, cpu1: WAITED },
    ],
  }),
);
