/** Whether a compare-exchange wrote: it changes nothing when it finds something else than it expects. */
import { OPERATIONS } from '@percpu/simulator';

/** By operation: bytes that it compares; 0: it is no compare-exchange. */
const COMPARED: readonly number[] = OPERATIONS.map(({ name, size }) =>
  name.startsWith('compareExchange') ? size : 0,
);

/** Did operation `op` compare `expected` with something else? Its result is what it found. Words compare modulo their width. */
export function exchangeFailed(op: number, expected: number | bigint, found: unknown): boolean {
  const size = COMPARED[op]!;
  if (size === 0) return false;
  if (typeof expected === 'bigint') return found !== BigInt.asUintN(64, expected);
  if (size === 8) return found !== expected;
  return found !== (expected & (2 ** (8 * size) - 1)) >>> 0;
}
