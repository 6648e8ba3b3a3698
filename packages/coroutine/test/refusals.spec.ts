/** What is refused when a module is loaded, and what is not. */
import { expect, test } from 'vitest';
import { CoroutineError, transform } from '../src/index.ts';

const refused: readonly (readonly [source: string, says: RegExp])[] = [
  [
    'class A { get x() { return this.memory.load(0); } }',
    /^f.js:1:40: shared access this.memory.load\(\) in a getter/,
  ],
  ['class A { set x(v) { memory.store(0, v); } }', /:1:29: .* in a setter/],
  [
    'class A { constructor(cpu) {\n  cpu.memory.write(0, 1); } }',
    /^f.js:2:14: .* in a constructor/,
  ],
  ['class A { static { mem.load(0); } }', /in a static block/],
  ['class A { x = m.load(0); }', /in a field initialiser/],
  ['class A { static x = f(m.load(0)); }', /in a field initialiser/],
  ['const o = { get x() { return m.read(0); } };', /in a getter/],
  ['list.map((at) => memory.load(at));', /in a callback of map\(\)/],
  [
    'function f(cpu) { Array.from(x, () => cpu.memory.fetchAdd(0, 1)); }',
    /in a callback of from\(\)/,
  ],
  [
    'function f(memory) { p.then(function () { memory.notify(0); }); }',
    /in a callback of then\(\)/,
  ],
  ['list.sort((a, b) => { if (x) { return memory.load(a) - b; } });', /in a callback of sort\(\)/],
  ['const x = ;', /^f.js:1:11: this is no JavaScript module: Unexpected token/],
  ['const x: number = 1;', /types must have been stripped/],
];

test.each(refused)('%s', (source, says) => {
  expect(() => transform(source, { file: 'f.js' })).toThrow(CoroutineError);
  expect(() => transform(source, { file: 'f.js' })).toThrow(says);
});

const accepted = [
  'class A { get x() { return () => this.memory.load(0); } }',
  'class A { constructor(memory) { this.f = () => memory.load(0); } }',
  'class A { x = () => m.load(0); }',
  'list.map((at) => () => memory.load(at));',
  'list.map((at) => cache.load(at));',
  'run((at) => memory.load(at));',
  'async function host(memory) { memory.load(0); return () => f(); }',
  'test(() => list.map((at) => machine.memory.load(at)));',
  'const { map } = list; map((at) => memory.load(at));',
];

test.each(accepted)('accepted: %s', (source) => {
  expect(transform(source, { file: 'f.js' })).toBeDefined();
});

test.each([
  '',
  'export const x = 1;',
  'export const f = (a) => a + 1;',
  'export function f(x) { return Math.max(g(x), 1); } function g(x) { return x; }',
])('nothing to do: %s', (source) => {
  expect(transform(source, { file: 'f.js' })).toBeUndefined();
});
