/** `trylock` in all its forms: one that fails leaves interrupts, bottom halves and preemption as they were. */
import { exploration } from '@percpu/experiment';
import type { Exploration, Program, World } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { NOT_TAKEN } from '../../spin/spin-lock-type.ts';
import type { SpinLockType } from '../../spin/spin-lock-type.ts';
import { expectFree, expectIncrements, increment, lockAndData } from '../guarded.ts';
import type { LockAndData } from '../guarded.ts';
import { SPIN_LOCKS } from './types.ts';
import { PURE_SPINNING } from '../waiting.ts';

/** True: incremented under the lock. */
type Attempt = (type: SpinLockType, cpu: Cpu, lock: Ptr, data: Ptr) => boolean;

const FORMS: Readonly<Record<string, Attempt>> = {
  irqsave(type, cpu, lock, data) {
    const flags = type.trylockIrqsave(cpu, lock);
    if (flags === NOT_TAKEN) return false;
    increment(cpu, data);
    type.unlockIrqrestore(cpu, lock, flags);
    return true;
  },
  irq(type, cpu, lock, data) {
    if (!type.trylockIrq(cpu, lock)) return false;
    increment(cpu, data);
    type.unlockIrq(cpu, lock);
    return true;
  },
  bh(type, cpu, lock, data) {
    if (!type.trylockBh(cpu, lock)) return false;
    increment(cpu, data);
    type.unlockBh(cpu, lock);
    return true;
  },
};

/** What is left behind is the finding `leak`: no look of our own is needed. */
export const attemptExplorations: readonly Exploration[] = SPIN_LOCKS.flatMap((type) =>
  Object.entries(FORMS).map(([form, attempt]) =>
    exploration<LockAndData, Cpu>({
      name: `${type.name}-trylock-${form}`,
      title: `${type.name}: the ${form} form of trylock fails without a trace`,
      description:
        'One CPU takes the lock, another tries. Whether it gets it or not, its interrupts and bottom halves are on in the end.',
      on: 'cpu',
      parameters: PURE_SPINNING.parameters,
      setup: (world: World<Cpu>) => lockAndData(world, type),
      programs: [
        ({ cpu }: Program<Cpu>, { lock, data }): void => {
          type.lock(cpu, lock);
          increment(cpu, data);
          type.unlock(cpu, lock);
        },
        (p: Program<Cpu>, { lock, data }): void => p.see('taken', attempt(type, p.cpu, lock, data)),
      ],
      after(world: World<Cpu>, { lock, data }) {
        expectIncrements(world, data, 1 + Number(world.seen.taken));
        expectFree(world, type, lock);
      },
      allowed: [{ taken: false }, { taken: true }],
    }),
  ),
);
