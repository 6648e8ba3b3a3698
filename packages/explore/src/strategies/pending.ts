/** What can be said of accesses before they are carried out. */
import { OPERATIONS } from '@percpu/simulator';
import type { PendingAccess } from '@percpu/simulator';

/** Might their order matter? Bytes in common, and one of them may write. */
export function mayConflict(a: PendingAccess, b: PendingAccess): boolean {
  const first = OPERATIONS[a.op]!;
  const second = OPERATIONS[b.op]!;
  if (a.at >= b.at + second.size || b.at >= a.at + first.size) return false;
  return first.effect !== 'read' || second.effect !== 'read';
}
