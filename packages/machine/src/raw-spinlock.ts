/**
 * The spin lock of the machine's own structures: the least there is that is fair enough for sections
 * of a few dozen instructions. Packages above take theirs from @percpu/locks.
 *
 *   0          free
 *   cpu + 1    held by that CPU, preemption off
 *
 * Waiters spin and then park (`Cpu.waitWhileEquals`), so a holder whose thread lost its core is not
 * kept from it by those who wait for the lock. The owner in the word makes recursion a report
 * instead of a hang. No order among waiters.
 */
import { hex } from '@percpu/memory';
import type { Ptr } from '@percpu/memory';
import type { Cpu } from './cpu.ts';
import { bug } from './fault.ts';

/** Linux: raw_spin_lock(). Any context; if interrupts take the lock too, use the Irqsave form. */
export function rawSpinLock(cpu: Cpu, lock: Ptr): void {
  cpu.preemptDisable();
  const { memory } = cpu;
  const mine = cpu.id + 1;
  for (;;) {
    // Pairs with the store in rawSpinUnlock: what the last holder wrote is visible.
    const owner = memory.compareExchange(lock, 0, mine);
    if (owner === 0) return;
    if (owner === mine) bug(cpu, `spinlock recursion on CPU#${cpu.id}, lock: ${hex(lock)}`);
    cpu.waitWhileEquals(lock, owner);
  }
}

/** Linux: raw_spin_trylock(). True: held. Any context. */
export function rawSpinTrylock(cpu: Cpu, lock: Ptr): boolean {
  cpu.preemptDisable();
  if (cpu.memory.compareExchange(lock, 0, cpu.id + 1) === 0) return true;
  cpu.preemptEnable();
  return false;
}

/** Linux: raw_spin_unlock(). By the CPU that holds it. */
export function rawSpinUnlock(cpu: Cpu, lock: Ptr): void {
  release(cpu, lock);
  cpu.preemptEnable();
}

/** Linux: raw_spin_lock_irqsave(). Returns the flags for `rawSpinUnlockIrqrestore`. Any context. */
export function rawSpinLockIrqsave(cpu: Cpu, lock: Ptr): number {
  const flags = cpu.localIrqSave();
  rawSpinLock(cpu, lock);
  return flags;
}

/** Linux: raw_spin_unlock_irqrestore(). */
export function rawSpinUnlockIrqrestore(cpu: Cpu, lock: Ptr, flags: number): void {
  release(cpu, lock);
  cpu.localIrqRestore(flags);
  cpu.preemptEnable();
}

function release(cpu: Cpu, lock: Ptr): void {
  const { memory } = cpu;
  const owner = memory.load(lock);
  if (owner !== cpu.id + 1) {
    const holder = owner === 0 ? 'nobody' : `CPU#${owner - 1}`;
    bug(cpu, `spinlock ${hex(lock)} released by CPU#${cpu.id}, held by ${holder}`);
  }
  // Publishes the critical section; pairs with the compare-exchange in rawSpinLock.
  memory.store(lock, 0);
  // One is enough: whoever gets the lock comes here in turn.
  cpu.unparkOne(lock);
}
