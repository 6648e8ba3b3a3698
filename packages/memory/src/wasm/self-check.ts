/**
 * Does the atomic module do what its names say? Every operation once, on sixteen private bytes, its
 * result and all it left in memory compared with what `Atomics` would leave. Microseconds; run before a
 * module is trusted.
 */
import type { AtomicOps } from './atomic-module.ts';

/** Bytes that the check needs; it leaves them zero. */
const SCRATCH_SIZE = 16;

type Operation = keyof AtomicOps;

interface Case {
  readonly operation: Operation;
  readonly operands: readonly number[];
  /** The 64-bit word at the operated address before and after; 8 bytes on either side must stay 0. */
  readonly before: bigint;
  readonly after: bigint;
  readonly returns: number | undefined;
}

const of = (
  operation: Operation,
  operands: readonly number[],
  before: bigint,
  after: bigint,
  returns?: number,
): Case => ({ operation, operands, before, after, returns });

const WORD = 0x1122_3344_8899_aabbn;
const LOW = 0x8899_aabb | 0;

const CASES: readonly Case[] = [
  of('load', [], WORD, WORD, LOW),
  of('store', [0x0102_0304], WORD, 0x1122_3344_0102_0304n),
  of('exchange', [5], WORD, 0x1122_3344_0000_0005n, LOW),
  of('compareExchange', [LOW, 6], WORD, 0x1122_3344_0000_0006n, LOW),
  of('compareExchange', [LOW + 1, 6], WORD, WORD, LOW),
  of('fetchAdd', [0x7766_5546], WORD, 0x1122_3344_0000_0001n, LOW),
  of('fetchAnd', [0x0f0f_0f0f], WORD, 0x1122_3344_0809_0a0bn, LOW),
  of('fetchOr', [0x0707_0700], WORD, 0x1122_3344_8f9f_afbbn, LOW),
  of('fetchXor', [0x0101_0101], WORD, 0x1122_3344_8998_abban, LOW),
  of('load8', [], WORD, WORD, 0xbb),
  of('store8', [0x1ff], WORD, 0x1122_3344_8899_aaffn),
  of('exchange8', [0x101], WORD, 0x1122_3344_8899_aa01n, 0xbb),
  of('compareExchange8', [0xfbb, 2], WORD, 0x1122_3344_8899_aa02n, 0xbb),
  of('compareExchange8', [0xbc, 2], WORD, WORD, 0xbb),
  of('load16', [], WORD, WORD, 0xaabb),
  of('store16', [0x1_fff0], WORD, 0x1122_3344_8899_fff0n),
  of('exchange16', [0x1_0001], WORD, 0x1122_3344_8899_0001n, 0xaabb),
  of('compareExchange16', [0xf_aabb, 2], WORD, 0x1122_3344_8899_0002n, 0xaabb),
  of('compareExchange16', [0xaabc, 2], WORD, WORD, 0xaabb),
  of('load64', [], -(2n ** 53n) + 1n, -(2n ** 53n) + 1n, -(2 ** 53) + 1),
  of('store64', [-2], WORD, -2n),
  of('exchange64', [2 ** 53 - 1], -1n, 2n ** 53n - 1n, -1),
  of('compareExchange64', [-1, 2 ** 40], -1n, 2n ** 40n, -1),
  of('compareExchange64', [-1, 2 ** 40], 7n, 7n, 7),
  of('fetchAdd64', [-3], 2n ** 32n, 2n ** 32n - 3n, 2 ** 32),
];

/**
 * Runs every operation of `ops` on the SCRATCH_SIZE private, zeroed bytes at `scratch` (a multiple of
 * 16) of `buffer`. Returns what is wrong in one sentence, or undefined.
 */
export function selfCheck(
  ops: AtomicOps,
  buffer: ArrayBufferLike,
  scratch: number,
): string | undefined {
  const words = new BigInt64Array(buffer, scratch, SCRATCH_SIZE / 8);
  for (const one of CASES) {
    for (const [index, at] of [scratch, scratch + 8].entries()) {
      const wrong = wrongIn(ops, one, words, index, at);
      words.fill(0n);
      if (wrong !== undefined) return wrong;
    }
  }
  return undefined;
}

function wrongIn(
  ops: AtomicOps,
  one: Case,
  words: BigInt64Array,
  index: number,
  at: number,
): string | undefined {
  words[index] = one.before;
  const call = ops[one.operation] as (at: number, ...operands: number[]) => number | undefined;
  const what = `${one.operation}(${one.operands.join(', ')})`;
  let returned: number | undefined;
  try {
    returned = call(at, ...one.operands);
  } catch (error) {
    return `${what} trapped: ${String(error)}`;
  }
  if (returned !== one.returns) return `${what} returned ${returned} instead of ${one.returns}`;
  const left = words[index];
  if (left !== one.after) return `${what} left ${left} instead of ${one.after}`;
  if (words[1 - index] !== 0n) return `${what} wrote beside its word`;
  return undefined;
}
