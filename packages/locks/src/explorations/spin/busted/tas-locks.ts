/** Test-and-set locks that are wrong in how they wake those that sleep. `ttas` has the same steps. */
import type { Exploration } from '@percpu/experiment';
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import { spinLockType } from '../../../spin/spin-lock-type.ts';
import type { SpinLockType } from '../../../spin/spin-lock-type.ts';
import { tas, TasLock } from '../../../spin/tas-lock.ts';
import { mutualExclusion } from '../spin-locks.ts';
import { SLEEPS_AT_ONCE } from '../../waiting.ts';

function twin(name: string, unlock: (cpu: Cpu, at: Ptr) => void): SpinLockType {
  return spinLockType({
    name,
    layout: TasLock,
    lock(cpu: Cpu, at: Ptr): void {
      while (cpu.memory.exchange(at + TasLock.locked, 1) !== 0)
        cpu.waitWhileEquals(at + TasLock.locked, 1);
    },
    unlock,
    trylock: tas.trylock,
    isLocked: tas.isLocked,
  });
}

const forgetsToWake = twin('tas-forgets-to-wake', ({ memory }, at) =>
  memory.store(at + TasLock.locked, 0),
);

const wakesTooEarly = twin('tas-wakes-too-early', (cpu, at) => {
  cpu.unparkOne(at + TasLock.locked);
  cpu.memory.store(at + TasLock.locked, 0);
});

const freesPlainly = twin('tas-frees-with-a-plain-store', (cpu, at) => {
  cpu.memory.write(at + TasLock.locked, 0);
  cpu.unparkOne(at + TasLock.locked);
});

const lost = { kind: 'lost-wakeup', message: /locked/ } as const;

export const bustedTasLocks: readonly Exploration[] = [
  mutualExclusion(forgetsToWake, {
    cpus: 2,
    waiting: SLEEPS_AT_ONCE,
    busted: { wrong: 'A waiter that sleeps is never woken.', mustFind: lost },
  }),
  mutualExclusion(wakesTooEarly, {
    cpus: 2,
    waiting: SLEEPS_AT_ONCE,
    busted: {
      wrong: 'Looks for sleepers before it frees the lock: a waiter may fall asleep in between.',
      mustFind: lost,
    },
  }),
  mutualExclusion(freesPlainly, {
    cpus: 2,
    waiting: SLEEPS_AT_ONCE,
    busted: {
      wrong: 'Plain: a waiter may see the lock free and not what was written under it.',
      mustFind: { kind: 'race' },
    },
  }),
];
