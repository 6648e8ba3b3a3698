import { spinLoopRelaxes } from '../src/rules/spin-loop-relaxes.ts';
import { runTable } from './tester.ts';

runTable('spin-loop-relaxes', spinLoopRelaxes, {
  valid: [
    // waits as it should
    'while (memory.load(at) !== 0) cpu.relax();',
    'while (memory.exchange(at, 1) !== 0) { cpu.waitWhileEquals(at, 1); }',
    'do { memory.wait(at, 1); } while (memory.load(at) === 1);',
    'function* f() { while (memory.load(at) !== 0) yield 1; }',
    'for (;;) { const seen = memory.load(at); if (seen === 0) break; cpu.relax(); }',
    // walks: another word every time
    'let p = at; while ((p = memory.load(p)) !== 0) { cpu.id; }',
    'for (let p = at; memory.load(p) !== 0; p += 4) { cpu.id; }',
    'let q = at; for (;;) { const next = memory.load(q + 4); if (next === 0) break; q = next; }',
    // retries: another expectation every time
    'let old = 0; let seen; while ((seen = memory.compareExchange(at, old, old + 1)) !== old) old = seen;',
    `for (;;) {
       const old = memory.load(at);
       if (memory.compareExchange(at, old, old | 1) === old) break;
     }`,
    `function tryGet() {
       for (;;) {
         const old = memory.load(at);
         if (old === 0) return false;
         if (memory.compareExchange(at, old, old + 1) === old) return true;
       }
     }`,
    // gets on by itself
    'while (memory.fetchAdd(at, 1) < 10) { cpu.id; }',
    // nothing that races, or nothing shared
    'while (memory.read(at) !== 0) { memory.store(at, 0); }',
    'const list = { load: (n: number) => n }; while (list.load(1) === 2) { cpu.id; }',
    'while (cpu.id > 3) { cpu.id; }',
    // a function defined in the condition runs elsewhere
    'while ([1].some(function () { return memory.load(at) === 1; })) { cpu.id; }',
  ],
  invalid: [
    ['while (memory.load(at) !== 0) {}', /waits for memory.load and never calls cpu.relax/],
    ['while (memory.load(at) !== 0);', /memory.load/],
    ['do { cpu.id; } while (memory.exchange(at, 1) !== 0);', /memory.exchange/],
    ['for (let i = 0; memory.load(at) === 1; i++) { cpu.id; }', /memory.load/],
    ['while (memory.compareExchange(at, 0, 1) !== 0) { memory.now(); }', /memory.compareExchange/],
    ['while (cpu.memory.load(at + 4) !== cpu.id) {}', /memory.load/],
    ['const m = memory; while (m.load(at) !== 0) {}', /memory.load/],
    ['for (;;) { if (memory.load(at) === 0) break; }', /memory.load/],
    ['for (;;) { const seen = memory.load(at); if (seen === 0) break; }', /memory.load/],
    ['function f() { while (true) { if (memory.exchange(at, 1) === 0) return; } }', /exchange/],
    ['let v = 1; while (v !== 0) { v = memory.load(at); }', /memory.load/],
    // the relaxing call is in a function that the loop only defines
    ['while (memory.load(at) !== 0) { const f = () => cpu.relax(); }', /memory.load/],
  ],
});
