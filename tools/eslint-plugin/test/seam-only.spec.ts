import { seamOnly } from '../src/rules/seam-only.ts';
import { runTable } from './tester.ts';

runTable('seam-only', seamOnly, {
  valid: [
    'memory.load(at); memory.store(at, 1);',
    'const own = new Uint8Array(16); const view = new DataView(new ArrayBuffer(8));',
    'const bytes = new Uint8Array([1, 2, 3]); new Uint32Array(bytes.buffer);',
    'export function size(buffer: SharedArrayBuffer): number { return buffer.byteLength; }',
    'export const isShared = (x: unknown): boolean => x instanceof SharedArrayBuffer;',
    'export type Bus = typeof Atomics;',
    'function f(Atomics: { load(n: number): number }) { return Atomics.load(1); }',
    'const o = { Atomics: 1 }; export const two = o.Atomics + 1;',
    'class Memory { size = 1; } new Memory();',
    'Buffer.from("text");',
    'export const copy = (from: Uint8Array): Uint8Array => new Uint8Array(from);',
  ],
  invalid: [
    ['Atomics.load(new Int32Array(4), 0);', /goes around the seam/],
    ['const { load } = Atomics;', /goes around the seam/],
    ['globalThis.Atomics.pause();', /goes around the seam/],
    ['const bus = { Atomics };', /goes around the seam/],
    ['new SharedArrayBuffer(8);', /^SharedArrayBuffer makes shared memory/],
    ['new globalThis.SharedArrayBuffer(8);', /^SharedArrayBuffer makes shared memory/],
    [
      'new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });',
      /^WebAssembly.Memory makes shared memory/,
    ],
    ['new Int32Array(memory.native!.buffer, 0, 4);', /^This Int32Array looks at memory/],
    ['declare const sab: SharedArrayBuffer; new DataView(sab);', /^This DataView looks/],
    ['declare const b: ArrayBufferLike; new Uint8Array(b);', /^This Uint8Array looks/],
    ['export const f = (v: Uint8Array) => new Int8Array(v.buffer);', /^This Int8Array looks/],
    ['export const f = (x: any) => new Float64Array(x);', /^This Float64Array looks/],
    ['declare const s: SharedArrayBuffer; Buffer.from(s);', /^This Buffer looks/],
  ],
});

runTable(
  'seam-only',
  seamOnly,
  {
    valid: ['new Uint8Array(16);', 'new Int32Array([1, 2]);'],
    invalid: [
      ['new Int32Array(machine.memory.buffer);', /^This Int32Array looks/],
      ['Atomics.add(words, 0, 1);', /goes around the seam/],
    ],
  },
  { types: false },
);
