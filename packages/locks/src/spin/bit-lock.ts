/**
 * Bit spin lock: one bit of a word is the lock, the others are whatever the word is for (Linux: bit_spinlock.h, for page
 * flags, hash chains and the like).
 *
 *   bit n   0 free   1 held        the other bits may change at any time, by atomic accesses
 *
 * No order, no owner, no hooks: there is room for none of them, as in Linux. A word with several lock bits has one queue of
 * sleepers, all of whom an unlock wakes. For sections of a few instructions, where a struct for each lock would be too much.
 */
import { bug } from '@percpu/machine';
import type { Cpu } from '@percpu/machine';
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';

/**
 * Linux: bit_spin_lock(). Returns holding bit `bit` (0–31) of the u32 at `at`, preemption off. Preemption is on while it waits.
 * Any context; if interrupts take the bit too, they must be off.
 */
export function bitSpinLock(cpu: Cpu, bit: number, at: Ptr): void {
  const mask = maskOf(cpu, bit, at);
  cpu.preemptDisable();
  // Edge B: pairs with the fetchAnd in bitSpinUnlock. What the last holder wrote is visible.
  let seen = cpu.memory.fetchOr(at, mask);
  while ((seen & mask) !== 0) {
    cpu.preemptEnable();
    // The other bits may change all the time: watching for free costs no transfer, trying would.
    while ((seen & mask) !== 0) seen = cpu.waitWhileEquals(at, seen);
    cpu.preemptDisable();
    seen = cpu.memory.fetchOr(at, mask);
  }
}

/** Linux: bit_spin_trylock(). False: somebody holds it, nothing has changed. Any context. */
export function bitSpinTrylock(cpu: Cpu, bit: number, at: Ptr): boolean {
  const mask = maskOf(cpu, bit, at);
  cpu.preemptDisable();
  if ((cpu.memory.fetchOr(at, mask) & mask) === 0) return true;
  cpu.preemptEnable();
  return false;
}

/** Linux: bit_spin_unlock(). The caller holds it. BUG: the bit is not set. */
export function bitSpinUnlock(cpu: Cpu, bit: number, at: Ptr): void {
  const mask = maskOf(cpu, bit, at);
  // Edge B: publishes the critical section.
  const seen = cpu.memory.fetchAnd(at, ~mask >>> 0);
  if ((seen & mask) === 0) bug(cpu, `unlock of a free bit lock: bit ${bit} of ${hex(at)}`);
  cpu.unpark(at);
  cpu.preemptEnable();
}

/** Linux: bit_spin_is_locked(). The answer may be old by the time it arrives. */
export function bitSpinIsLocked(cpu: Cpu, bit: number, at: Ptr): boolean {
  return (cpu.memory.load(at) & maskOf(cpu, bit, at)) !== 0;
}

function maskOf(cpu: Cpu, bit: number, at: Ptr): number {
  if (!Number.isInteger(bit) || bit < 0 || bit > 31)
    bug(cpu, `bit lock: bit ${bit} of ${hex(at)}; accepted are 0 to 31`);
  return (1 << bit) >>> 0;
}
