/** The spin locks that are explored alike. On one NUMA node `cna` is `queued`: queued-locks.ts has it on two. */
import { clh } from '../../spin/clh-lock.ts';
import { mcs } from '../../spin/mcs-lock.ts';
import { queued } from '../../spin/queued-lock.ts';
import type { SpinLockType } from '../../spin/spin-lock-type.ts';
import { tas } from '../../spin/tas-lock.ts';
import { ticket } from '../../spin/ticket-lock.ts';
import { ttas } from '../../spin/ttas-lock.ts';

export const SPIN_LOCKS: readonly SpinLockType[] = [tas, ttas, ticket, mcs, clh, queued];
