/**
 * What a replay string calls an access: `function operation field`, as in `ticketUnlock store lock.serving`. No addresses and no line
 * numbers, so that it stays right when lines are added or memory is laid out in another way.
 */
import { siteInfo } from '@percpu/coroutine/runtime';
import { OPERATIONS } from '@percpu/simulator';
import type { AddressNames, PendingAccess } from '@percpu/simulator';

/** Characters that mean something in a replay string, or that a shell or a quoted string would take amiss. */
const SPECIAL = /[\s;:>#!=%"'`\\$]+/;

export function labelOf({ op, at, site }: PendingAccess, names: AddressNames): string {
  const { name, effect } = OPERATIONS[op]!;
  const touches = effect !== 'none' || name === 'notify';
  const parts = [siteInfo(site)?.functionName ?? '', name, touches ? fieldOf(at, names) : ''];
  return parts.map((part) => part.split(SPECIAL).join('_')).join(',');
}

/** A bare address would change with every edit of a set-up: it is left out. */
function fieldOf(at: number, names: AddressNames): string {
  return names.structOf(at) === undefined ? '' : names.nameOf(at);
}
