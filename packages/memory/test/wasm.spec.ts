import { describe, expect, test } from 'vitest';
import { trustedAtomicOps } from '../src/choose-backend.ts';
import { ATOMIC_OPS, atomicFunctions, instantiateAtomicOps } from '../src/wasm/atomic-module.ts';
import * as wasm from '../src/wasm/index.ts';
import type { AtomicInstruction, WasmFunction } from '../src/wasm/index.ts';

const { atomic, constant, func, get, op, set, tee } = wasm;

const onePage = (): WebAssembly.Memory =>
  new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });

describe('numbers in the binary format', () => {
  test.each([
    [0, [0]],
    [127, [0x7f]],
    [128, [0x80, 1]],
    [624_485, [0xe5, 0x8e, 0x26]],
    [0xffff_ffff, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('unsigned %i', (value, bytes) => {
    expect(wasm.unsignedLeb(value)).toEqual(bytes);
  });

  test.each([
    [0, [0]],
    [63, [0x3f]],
    [64, [0xc0, 0]],
    [-1, [0x7f]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [-123_456, [0xc0, 0xbb, 0x78]],
    [0x7fff_ffff, [0xff, 0xff, 0xff, 0xff, 7]],
    [-0x8000_0000, [0x80, 0x80, 0x80, 0x80, 0x78]],
  ])('signed %i', (value, bytes) => {
    expect(wasm.signedLeb(value)).toEqual(bytes);
  });
});

type Run = (...operands: number[]) => number | undefined;

function compile(f: WasmFunction, memory: WebAssembly.Memory = onePage()): Run {
  return wasm.instantiate(wasm.assemble([f]), memory)[f.name] as Run;
}

describe('instructions', () => {
  const binary = (name: Parameters<typeof op>[0]): Run =>
    compile(func('f', ['i32', 'i32'], 'i32', [get(0), get(1), op(name)]));

  test.each([
    ['i32.eq', [3, 3], 1],
    ['i32.ne', [3, 3], 0],
    ['i32.lt_s', [-1, 0], 1],
    ['i32.lt_u', [-1, 0], 0],
    ['i32.add', [0x7fff_ffff, 1], -0x8000_0000],
    ['i32.sub', [1, 3], -2],
    ['i32.mul', [-3, 5], -15],
    ['i32.and', [12, 10], 8],
    ['i32.or', [12, 10], 14],
    ['i32.xor', [12, 10], 6],
    ['i32.shl', [1, 31], -0x8000_0000],
    ['i32.shr_u', [-1, 28], 15],
  ] as const)('%s(%j) is %i', (name, operands, result) => {
    expect(binary(name)(...operands)).toBe(result);
  });

  test('loops, blocks, conditions and locals: the greatest power of two up to n', () => {
    const n = 0;
    const power = 1;
    const greatest = compile(
      func(
        'greatest',
        ['i32'],
        'i32',
        [
          // Nothing below one.
          [...get(n), ...op('i32.eqz'), ...wasm.when([...constant(0), ...op('return')])],
          [...constant(1), ...set(power)],
          wasm.block(
            wasm.loop(
              [...get(n), ...get(power), ...constant(1), ...op('i32.shl'), ...op('i32.lt_u')],
              wasm.branchIf(1),
              [...get(power), ...constant(1), ...op('i32.shl'), ...tee(power), ...op('drop')],
              wasm.branch(0),
            ),
          ),
          get(power),
        ],
        ['i32'],
      ),
    );
    expect([0, 1, 2, 3, 1000, 1024].map((value) => greatest(value))).toEqual([
      0, 1, 2, 2, 512, 1024,
    ]);
  });

  test('plain and atomic accesses meet in memory, offsets are added', () => {
    const memory = onePage();
    const move = compile(
      func('move', ['i32'], 'i32', [
        [...get(0), ...get(0), ...wasm.load(4), ...wasm.store(8)],
        [...get(0), ...constant(-1), ...atomic('i32.rmw.sub', 8)],
      ]),
      memory,
    );
    const words = new Int32Array(memory.buffer);
    words[33] = 41;
    expect(move(128)).toBe(41);
    expect(words[34]).toBe(42);
  });

  test('f64 from u32', () => {
    const convert = compile(func('f', ['i32'], 'f64', [get(0), op('f64.convert_i32_u')]));
    expect(convert(-1)).toBe(0xffff_ffff);
  });
});

describe('the atomic module', () => {
  test('passes its self-check, and leaves the scratch bytes zero', () => {
    const memory = onePage();
    expect(trustedAtomicOps(memory)).toHaveProperty('load');
    expect(new Uint8Array(memory.buffer).every((byte) => byte === 0)).toBe(true);
  });

  // The twin: a check that finds nothing wrong with a wrong module is no check.
  const tampered = (name: string, replacement: WasmFunction): WasmFunction[] =>
    atomicFunctions.map((f) => (f.name === name ? replacement : f));
  const rmw = (name: string, instruction: AtomicInstruction): WasmFunction =>
    func(name, ['i32', 'i32'], 'i32', [get(0), get(1), atomic(instruction)]);

  test.each<[string, string, WasmFunction, RegExp]>([
    [
      'adds where it should subtract',
      'fetchAdd',
      rmw('fetchAdd', 'i32.rmw.sub'),
      /fetchAdd\(.*\) left/,
    ],
    ['mixes up and and or', 'fetchAnd', rmw('fetchAnd', 'i32.rmw.or'), /fetchAnd\(.*\) left/],
    [
      'forgets to store',
      'store8',
      func('store8', ['i32', 'i32'], undefined, []),
      /store8\(511\) left/,
    ],
    [
      'is too narrow',
      'load16',
      func('load16', ['i32'], 'i32', [get(0), atomic('i32.load8_u')]),
      /load16\(\) returned 187 instead of 43707/,
    ],
    [
      'writes beside its word',
      'store16',
      func('store16', ['i32', 'i32'], undefined, [
        get(0),
        get(1),
        atomic('i32.store16'),
        [...get(0), ...constant(8), ...op('i32.xor'), ...constant(1), ...atomic('i32.store8')],
      ]),
      /store16\(.*\) wrote beside its word/,
    ],
    [
      'traps',
      'load64',
      func('load64', ['i32'], 'f64', [
        [...get(0), ...constant(1), ...op('i32.add')],
        atomic('i64.load'),
        op('f64.convert_i64_s'),
      ]),
      /load64\(\) trapped: RuntimeError/,
    ],
    [
      'compares too many bytes',
      'compareExchange8',
      func('compareExchange8', ['i32', 'i32', 'i32'], 'i32', [
        get(0),
        get(1),
        get(2),
        atomic('i32.rmw16.cmpxchg_u'),
      ]),
      /compareExchange8\(4027, 2\) returned 43707/,
    ],
    [
      'lacks a function',
      'exchange',
      func('swap', ['i32'], 'i32', [get(0)]),
      /exports no function exchange/,
    ],
    [
      'is malformed',
      'load',
      func('load', ['i32'], 'i32', []),
      /no atomic module on this host: CompileError/,
    ],
  ])('is refused when it %s', (_case, name, replacement, message) => {
    const functions = tampered(name, replacement);
    const outcome = trustedAtomicOps(onePage(), (memory) =>
      instantiateAtomicOps(memory, functions),
    );
    expect(outcome).toMatch(message);
  });

  test('the self-check knows every function: none can be left out unnoticed', () => {
    // A function that returns a wrong result and stores nothing is wrong whatever it should be.
    for (const name of ATOMIC_OPS) {
      const original = atomicFunctions.find((f) => f.name === name)!;
      const wrong = func(name, original.params, original.result, [
        original.result === 'i32' ? constant(123) : [],
        original.result === 'f64' ? [...constant(123), ...op('f64.convert_i32_u')] : [],
      ]);
      const functions = tampered(name, wrong);
      const outcome = trustedAtomicOps(onePage(), (memory) =>
        instantiateAtomicOps(memory, functions),
      );
      expect(outcome, name).toMatch(new RegExp(`^${name}\\(`));
    }
  });
});
