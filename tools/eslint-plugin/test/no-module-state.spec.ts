import { noModuleState } from '../src/rules/no-module-state.ts';
import { runTable } from './tester.ts';

runTable('no-module-state', noModuleState, {
  valid: [
    // fixed values
    'export const PAGE_SIZE: number = 4096;',
    'const NAME = `a${1 + 1}`;',
    'const FLAGS = { held: 1, wanted: 2 } as const;',
    'const NAMES: readonly string[] = ["a", "b"];',
    'const TABLE = Object.freeze([1, 2, 3]);',
    'const DEEP: { readonly a: readonly number[] } = { a: [1] };',
    'const BY_NAME: ReadonlyMap<string, number> = new Map([["a", 1]]);',
    'const KNOWN: ReadonlySet<string> = new Set(["a"]);',
    'const LOOKUP: ArrayLike<number> = new Uint8Array([1, 2]);',
    'const WORDS = /^[a-z]+$/i;',
    'const HERE = new URL("./x.ts", import.meta.url);',
    'const ENCODER = new TextEncoder();',
    'const KEY = Symbol("key");',
    // functions and classes
    'const f = () => { let n = 0; n += 1; return new Map([[n, n]]); };',
    'export class Counter { n = 0; #seen = new Set<number>(); }',
    'export class Limits { static readonly max = 4; }',
    'const adapter: { readonly name: string; lock(): void } = { name: "tas", lock() {} };',
    'function layout<T>(fields: T): Readonly<T> { return fields; } const L = layout({ a: 4 });',
    'class Fixed { readonly n = 1; get twice() { return 2; } } const one = new Fixed();',
    // inside a function there is no module state
    'function g() { let n = 0; const seen = new Map<number, number>(); return () => seen.set(n++, 1); }',
    // types and ambient declarations are no values
    'declare let ambient: number; type T = Map<string, number>; interface I { n: number }',
  ],
  invalid: [
    ['let next = 0;', /^Module state: next can be assigned/],
    ['export let next = 0;', /next can be assigned/],
    ['var a = 1, b = 2;', /a can/, /b can/],
    [
      'const cache = new Map<string, number>();',
      /^Module state: cache can change \(it is of type Map/,
    ],
    ['export const seen = new WeakSet();', /type WeakSet/],
    ['const list: number[] = [];', /type Array/],
    ['const list = [1, 2, 3];', /type Array/],
    ['const pair: [number, number] = [1, 2];', /a tuple without readonly/],
    ['const options = { depth: 1 };', /property 'depth' is not readonly/],
    ['const table: Record<string, number> = {};', /an index signature without readonly/],
    ['const deep = Object.freeze({ list: [1] });', /type Array/],
    ['const m: ReadonlyMap<string, number[]> = new Map();', /type Array/],
    ['const words = new Uint32Array(4);', /type Uint32Array/],
    ['class Pool { free = 1; } const pool = new Pool();', /property 'free' is not readonly/],
    ['class Hidden { #n = 1; bump() { this.#n += 1; } } const h = new Hidden();', /'#n' is not/],
    ['class Held { readonly #m = new Map(); } const held = new Held();', /type Map/],
    ['class Acc { get v() { return 1; } set v(n) {} } const acc = new Acc();', /'v' is not/],
    ['const { a, b } = { a: [1], b: 2 };', /^Module state: a can change/],
    ['const make = () => ({ n: 1 }); const made = make();', /property 'n' is not readonly/],
    ['const WORD = /x/g;', /remembers a position/],
    [
      'const tick = (() => { let n = 0; return () => ++n; })();',
      /tick is a function that may keep/,
    ],
    ['export class C { static count = 0; }', /^Module state: count can be assigned/],
    ['export class C { static readonly all = new Map(); }', /^Module state: all can change/],
    ['export default new Map();', /the default export can change/],
    ['export default { n: 1 };', /the default export can change/],
  ],
});

runTable(
  'no-module-state',
  noModuleState,
  {
    valid: ['const one = 1;', 'const f = () => [];'],
    invalid: [
      ['const list = [];', /no types are known here/],
      ['let n = 0;', /n can be assigned/],
    ],
  },
  { types: false },
);
