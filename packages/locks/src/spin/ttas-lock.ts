/**
 * Test-and-test-and-set lock with back-off: waiters watch the word in their own cache and try only when
 * it is free; who fails then steps back for a random time, longer each time (Anderson 1990).
 *
 *   locked   0 free   1 held
 *
 * No order, as with `tas`. A CPU that steps back leaves the line with the holder, who then passes
 * through many times in a row: high throughput, little fairness.
 */
import type { Cpu } from '@percpu/machine';
import { CACHE_LINE, layout } from '@percpu/memory';
import type { Layout, Ptr } from '@percpu/memory';
import { assertFits } from '../assert-fits.ts';
import { backOff, FIRST_WINDOW, widen } from './back-off.ts';
import { spinLockType } from './spin-lock-type.ts';
import type { SpinLockType } from './spin-lock-type.ts';

const fields = { locked: 'u32', magic: 'u32' } as const;

export const TtasLock: Layout<typeof fields> = layout(fields, { name: 'TtasLock' });
assertFits(TtasLock, CACHE_LINE);

const FREE = 0;
const HELD = 1;

export const ttas: SpinLockType = spinLockType({
  name: 'ttas',
  layout: TtasLock,

  lock(cpu: Cpu, at: Ptr): void {
    let window = FIRST_WINDOW;
    // Edge T: pairs with the store in unlock. Reading FREE here means that what the last holder wrote is visible.
    while (cpu.memory.exchange(at + TtasLock.locked, HELD) !== FREE) {
      backOff(cpu, window);
      window = widen(window);
      cpu.waitWhileEquals(at + TtasLock.locked, HELD);
    }
  },

  trylock(cpu: Cpu, at: Ptr): boolean {
    const word = at + TtasLock.locked;
    return cpu.memory.load(word) === FREE && cpu.memory.exchange(word, HELD) === FREE;
  },

  unlock(cpu: Cpu, at: Ptr): void {
    // Edge T: publishes the critical section.
    cpu.memory.store(at + TtasLock.locked, FREE);
    cpu.unparkOne(at + TtasLock.locked);
  },

  isLocked(cpu: Cpu, at: Ptr): boolean {
    return cpu.memory.load(at + TtasLock.locked) !== FREE;
  },
});

export const ttasLock: SpinLockType['lock'] = ttas.lock;
export const ttasTrylock: SpinLockType['trylock'] = ttas.trylock;
export const ttasUnlock: SpinLockType['unlock'] = ttas.unlock;
export const ttasIsLocked: SpinLockType['isLocked'] = ttas.isLocked;
