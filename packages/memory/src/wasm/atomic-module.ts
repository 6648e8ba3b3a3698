/**
 * The atomic accesses of the seam as a WebAssembly module on the machine's own memory.
 *
 * Why: V8 compiles `Atomics.*` to a call of a builtin (8–10 ns), but a call of a WebAssembly
 * function to a few instructions (3–4 ns). Same memory, same order (both are seq-cst).
 *
 * 32-bit results leave as i32, hence signed: whoever calls adds `>>> 0`. 64-bit values cross as f64
 * (an i64 would cross as BigInt, an allocation); the conversion is exact up to ±2^53.
 */
import { assemble, atomic, constant, func, get, instantiate, op } from './assembler.ts';
import type { Memory } from '../memory.ts';
import type { AtomicAccess } from '../native-base.ts';
import type { AtomicInstruction, Code, WasmFunction } from './assembler.ts';

/** The exports; signatures are those of the seam, except that 32-bit results are signed. */
export type AtomicOps = Readonly<Pick<Memory, AtomicAccess>>;

export const ATOMIC_OPS: readonly AtomicAccess[] = [
  'load',
  'store',
  'exchange',
  'compareExchange',
  'fetchAdd',
  'fetchAnd',
  'fetchOr',
  'fetchXor',
  'load8',
  'store8',
  'exchange8',
  'compareExchange8',
  'load16',
  'store16',
  'exchange16',
  'compareExchange16',
  'load64',
  'store64',
  'exchange64',
  'compareExchange64',
  'fetchAdd64',
];

const fromMemory = (name: AtomicAccess, instruction: AtomicInstruction): WasmFunction =>
  func(name, ['i32'], 'i32', [get(0), atomic(instruction)]);

const toMemory = (name: AtomicAccess, instruction: AtomicInstruction): WasmFunction =>
  func(name, ['i32', 'i32'], undefined, [get(0), get(1), atomic(instruction)]);

const readModifyWrite = (name: AtomicAccess, instruction: AtomicInstruction): WasmFunction =>
  func(name, ['i32', 'i32'], 'i32', [get(0), get(1), atomic(instruction)]);

/**
 * Bits of `expected` above the width: by the specification a narrow compare-exchange with such bits
 * never matches, V8 on x64 ignores them, C and `Atomics` convert first. With the mask all agree.
 */
const compareAndExchange = (
  name: AtomicAccess,
  instruction: AtomicInstruction,
  mask?: number,
): WasmFunction =>
  func(name, ['i32', 'i32', 'i32'], 'i32', [
    get(0),
    get(1),
    mask === undefined ? [] : [...constant(mask), ...op('i32.and')],
    get(2),
    atomic(instruction),
  ]);

/** Parameter `local`, an f64, as i64. Saturates: a value beyond ±2^63 must not trap a machine half-way. */
const asI64 = (local: number): Code => [...get(local), ...op('i64.trunc_sat_f64_s')];

export const atomicFunctions: readonly WasmFunction[] = [
  fromMemory('load', 'i32.load'),
  toMemory('store', 'i32.store'),
  readModifyWrite('exchange', 'i32.rmw.xchg'),
  compareAndExchange('compareExchange', 'i32.rmw.cmpxchg'),
  readModifyWrite('fetchAdd', 'i32.rmw.add'),
  readModifyWrite('fetchAnd', 'i32.rmw.and'),
  readModifyWrite('fetchOr', 'i32.rmw.or'),
  readModifyWrite('fetchXor', 'i32.rmw.xor'),
  fromMemory('load8', 'i32.load8_u'),
  toMemory('store8', 'i32.store8'),
  readModifyWrite('exchange8', 'i32.rmw8.xchg_u'),
  compareAndExchange('compareExchange8', 'i32.rmw8.cmpxchg_u', 0xff),
  fromMemory('load16', 'i32.load16_u'),
  toMemory('store16', 'i32.store16'),
  readModifyWrite('exchange16', 'i32.rmw16.xchg_u'),
  compareAndExchange('compareExchange16', 'i32.rmw16.cmpxchg_u', 0xffff),
  func('load64', ['i32'], 'f64', [get(0), atomic('i64.load'), op('f64.convert_i64_s')]),
  func('store64', ['i32', 'f64'], undefined, [get(0), asI64(1), atomic('i64.store')]),
  func('exchange64', ['i32', 'f64'], 'f64', [
    get(0),
    asI64(1),
    atomic('i64.rmw.xchg'),
    op('f64.convert_i64_s'),
  ]),
  func('compareExchange64', ['i32', 'f64', 'f64'], 'f64', [
    get(0),
    asI64(1),
    asI64(2),
    atomic('i64.rmw.cmpxchg'),
    op('f64.convert_i64_s'),
  ]),
  func('fetchAdd64', ['i32', 'f64'], 'f64', [
    get(0),
    asI64(1),
    atomic('i64.rmw.add'),
    op('f64.convert_i64_s'),
  ]),
];

/** The module of `atomicFunctions`, over `memory`. */
export function instantiateAtomicOps(
  memory: WebAssembly.Memory,
  functions: readonly WasmFunction[] = atomicFunctions,
): AtomicOps {
  const exports = instantiate(assemble(functions), memory);
  for (const name of ATOMIC_OPS) {
    if (typeof exports[name] !== 'function')
      throw new TypeError(`the atomic module exports no function ${name}`);
  }
  return exports as unknown as AtomicOps;
}
