/** The accesses of the seam as numbers: what a scheduler, a race detector and a cost model need to know of each. */

import type { Memory } from '@percpu/memory';

/** What an access does to its bytes. `update` may have read and written. */
export type Effect = 'read' | 'write' | 'update' | 'none';

export interface OperationInfo {
  /** The method of `Memory`. */
  readonly name: string;
  readonly effect: Effect;
  /** Sequentially consistent: the only accesses that may race. */
  readonly atomic: boolean;
  /** Bytes; 0 where the access has a length (`copy`, `fill`) or touches nothing. */
  readonly size: number;
}

/** Every access of the seam, and `choose`, the explorer's own. */
export type OperationName =
  | Exclude<
      keyof Memory,
      'byteLength' | 'backend' | 'checked' | 'native' | 'describe' | 'readOwn' | 'writeOwn'
    >
  | 'choose';

const table: Readonly<Record<OperationName, readonly [Effect, boolean, number]>> = {
  load: ['read', true, 4],
  store: ['write', true, 4],
  exchange: ['update', true, 4],
  compareExchange: ['update', true, 4],
  fetchAdd: ['update', true, 4],
  fetchAnd: ['update', true, 4],
  fetchOr: ['update', true, 4],
  fetchXor: ['update', true, 4],
  load8: ['read', true, 1],
  store8: ['write', true, 1],
  exchange8: ['update', true, 1],
  compareExchange8: ['update', true, 1],
  load16: ['read', true, 2],
  store16: ['write', true, 2],
  exchange16: ['update', true, 2],
  compareExchange16: ['update', true, 2],
  load64: ['read', true, 8],
  store64: ['write', true, 8],
  exchange64: ['update', true, 8],
  compareExchange64: ['update', true, 8],
  fetchAdd64: ['update', true, 8],
  loadBig64: ['read', true, 8],
  storeBig64: ['write', true, 8],
  compareExchangeBig64: ['update', true, 8],
  fetchAddBig64: ['update', true, 8],
  read: ['read', false, 4],
  write: ['write', false, 4],
  readSigned: ['read', false, 4],
  read8: ['read', false, 1],
  write8: ['write', false, 1],
  read16: ['read', false, 2],
  write16: ['write', false, 2],
  read64: ['read', false, 8],
  write64: ['write', false, 8],
  readF64: ['read', false, 8],
  writeF64: ['write', false, 8],
  copy: ['update', false, 0],
  fill: ['write', false, 0],
  wait: ['read', true, 4],
  notify: ['none', true, 4],
  now: ['none', true, 0],
  pause: ['none', true, 0],
  delay: ['none', true, 0],
  choose: ['none', true, 0],
};

const names: readonly OperationName[] = Object.keys(table) as OperationName[];

/** Number of each operation. */
export const Op: Readonly<Record<OperationName, number>> = Object.freeze(
  Object.fromEntries(names.map((name, index) => [name, index])) as Record<OperationName, number>,
);

/** By number. */
export const OPERATIONS: readonly OperationInfo[] = Object.freeze(
  names.map((name) => {
    const [effect, atomic, size] = table[name];
    return Object.freeze({ name, effect, atomic, size });
  }),
);
