import { noAccessInUncontrolledPlace as rule } from '../src/rules/no-access-in-uncontrolled-place.ts';
import { runTable } from './tester.ts';

runTable('no-access-in-uncontrolled-place', rule, {
  valid: [
    'export function f(): number { return memory.load(at); }',
    'class A { next(): number { return cpu.memory.load(at); } }',
    'class A { constructor(readonly cpu: Cpu) {} }',
    'class A extends Map { constructor(cpu: Cpu) { super(); } }',
    'class A { get depth(): number { return memory.readOwn(at); } }',
    'class A { get id(): number { return cpu.id; } }',
    'class A { later = () => memory.load(at); }',
    'class A { f: () => number; constructor(cpu: Cpu) { this.f = () => cpu.memory.load(at); } }',
    'for (const p of [1, 2]) memory.store(p, 0);',
    '[1, 2].map((n) => n + cpu.id);',
    'const each = (fn: () => void) => fn(); each(() => memory.store(at, 1));',
    'const pool = { map: (fn: () => number) => fn() }; pool.map(() => memory.load(at));',
    'const o = { load: (n: number) => n }; [1].map((n) => o.load(n));',
    'new Set([1].map((n) => n * 2));',
  ],
  invalid: [
    ['class A { constructor() { memory.store(at, 0); } }', /^memory.store\(\) in a constructor: /],
    [
      'class A { constructor(cpu: Cpu) { cpu.preemptDisable(); } }',
      /^cpu.preemptDisable\(\) in a c/,
    ],
    ['class A { get depth() { return cpu.memory.load(at); } }', /in a getter/],
    ['class A { set depth(n: number) { memory.store(at, n); } }', /in a setter/],
    ['const o = { get now() { return memory.load(at); } };', /in a getter/],
    ['class A { first = memory.load(at); }', /in a field initialiser/],
    ['class A { static { memory.store(at, 1); } }', /in a static block/],
    ['class A { toString() { return String(memory.load(at)); } }', /in toString\(\)/],
    ['class A { [Symbol.dispose]() { cpu.relax(); } }', /^cpu.relax\(\) in \[Symbol.dispose\]/],
    ['[at].map((p) => memory.load(p));', /in a callback of the built-in map/],
    ['[at].forEach(function (p) { ticketLock(cpu, p); });', /^ticketLock\(cpu\) in a callback of/],
    ['[1, 2].sort((a, b) => memory.read(a) - memory.read(b));', /built-in sort/, /built-in sort/],
    ['Array.from({ length: 2 }, (_, i) => memory.load(i));', /built-in from/],
    ['new Map([[1, 2]]).forEach((p) => memory.store(p, 0));', /built-in forEach/],
    ['new Promise<void>((done) => { memory.store(at, 1); done(); });', /built-in Promise/],
    ['queueMicrotask(() => { cpu.relax(); });', /built-in queueMicrotask/],
    ['const c = cpu; [1].map(() => c.relax());', /^cpu.relax\(\)/],
    ['const m = memory; [1].map((p) => m.load(p));', /^memory.load\(\)/],
  ],
});

runTable(
  'no-access-in-uncontrolled-place',
  rule,
  {
    valid: ['for (const p of list) memory.load(p);', 'run(() => memory.load(at));'],
    invalid: [
      ['list.map((p) => memory.load(p));', /built-in map/],
      ['new Promise(() => cpu.relax());', /built-in Promise/],
    ],
  },
  { types: false },
);
