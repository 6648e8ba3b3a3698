/**
 * The spin lock inside sleeping locks and wait queues. Not a fair one, on purpose: a fair lock that is
 * contended on a host with too few cores makes all wait for the one CPU whose turn it is and which
 * sleeps. Who gets the sleeping lock is decided by its own queue, which is in order.
 */
import type { SpinLockType } from '../spin/spin-lock-type.ts';
import { ttas, TtasLock } from '../spin/ttas-lock.ts';

export const waitLock: SpinLockType = ttas;
export const WaitLock: typeof TtasLock = TtasLock;
