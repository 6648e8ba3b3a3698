/**
 * The spin lock inside sleeping locks and wait queues. Not a fair one, on purpose: a fair lock that is
 * contended on a host with too few cores makes all wait for the one CPU whose turn it is and which
 * sleeps. Who gets the sleeping lock is decided by its own queue, which is in order.
 */
import type { Cpu } from '@percpu/machine';
import type { Ptr } from '@percpu/memory';
import type { SpinLockType } from '../spin/spin-lock-type.ts';
import { ttas, TtasLock } from '../spin/ttas-lock.ts';

export const waitLock: SpinLockType = ttas;
export const WaitLock: typeof TtasLock = TtasLock;

/** After a trylock in vain: waits, but not for ever, until nobody has the lock. */
export function spinWhileHeld(cpu: Cpu, at: Ptr): void {
  cpu.spinWhileEquals(at + WaitLock.locked, 1);
}
