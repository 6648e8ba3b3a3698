/**
 * Test-and-set lock: whoever turns the word from 0 to 1 holds it.
 *
 *   locked   0 free   1 held
 *
 * Every attempt of every waiter takes the line away from all others, so it falls first as CPUs are
 * added. No order: a CPU may wait for ever while others pass. It is here as the base line, and because
 * for two CPUs nothing is cheaper.
 */
import type { Cpu } from '@percpu/machine';
import { CACHE_LINE, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { assertFits } from '../assert-fits.ts';
import { spinLockType } from './spin-lock-type.ts';
import type { SpinLockType } from './spin-lock-type.ts';

const fields = { locked: 'u32', magic: 'u32' } as const;

export const TasLock: Layout<typeof fields> = layout(fields, { name: 'TasLock' });
assertFits(TasLock, CACHE_LINE);

const FREE = 0;
const HELD = 1;

/** Some 3 µs of `relax`: less than a sleep and a wake-up cost. */
const ATTEMPTS = 64;

/** `attempts` are made before the CPU watches the word, and then sleeps on it. The explorer takes few. */
export function tasType(name: string, attempts: number): SpinLockType {
  return spinLockType({
    name,
    layout: TasLock,

    lock(cpu: Cpu, at: Ptr): void {
      let left = attempts;
      // Edge T: pairs with the store in unlock. Reading FREE here means that what the last holder wrote is visible.
      while (cpu.memory.exchange(at + TasLock.locked, HELD) !== FREE) {
        if (left-- > 0) cpu.relax();
        else cpu.waitWhileEquals(at + TasLock.locked, HELD);
      }
    },

    trylock(cpu: Cpu, at: Ptr): boolean {
      return cpu.memory.exchange(at + TasLock.locked, HELD) === FREE;
    },

    unlock(cpu: Cpu, at: Ptr): void {
      // Edge T: publishes the critical section.
      cpu.memory.store(at + TasLock.locked, FREE);
      cpu.unparkOne(at + TasLock.locked);
    },

    isLocked(cpu: Cpu, at: Ptr): boolean {
      return cpu.memory.load(at + TasLock.locked) !== FREE;
    },
  });
}

export const tas: SpinLockType = tasType('tas', ATTEMPTS);

export const tasLock: SpinLockType['lock'] = tas.lock;
export const tasTrylock: SpinLockType['trylock'] = tas.trylock;
export const tasUnlock: SpinLockType['unlock'] = tas.unlock;
export const tasIsLocked: SpinLockType['isLocked'] = tas.isLocked;
