/** Programs that use the language in every way that the transform knows. `m` is the memory, `log` traces a value. */
export const CORPUS: readonly (readonly [title: string, source: string])[] = [
  [
    'arguments are evaluated first to last',
    `
    export function main(m, log) {
      const f = (a, b, c) => log([a, b, c]);
      let x = 1;
      return f(x, (x = m.load(0) + 5), x) ?? f(log(1), m.fetchAdd(1, 2), log(m.load(1)));
    }`,
  ],
  [
    'a callee is read before its arguments',
    `
    export function main(m, log) {
      let f = () => m.load(0); const o = { g: () => log('first') };
      const change = () => { f = () => 'late'; o.g = () => log('late'); return m.load(1); };
      return [f(change()), o.g(change())];
    }`,
  ],
  [
    'calling what is no function',
    `
    export function main(m, log) {
      const o = { a: { b: 3 } };
      const attempts = [() => o.nothing(m.load(0)), () => o.a.b(), () => o.none.b(m.load(1)), () => m.nothing(1), () => o.a.b.c.d(m.load(2))];
      const said = [];
      for (const each of attempts) { try { each(); } catch (e) { said.push(e.name + ': ' + e.message); } }
      return said;
    }`,
  ],
  [
    'this of methods, functions and arrows',
    `
    export function main(m, log) {
      const o = { n: m.load(0) + 1, who() { return this?.n; }, arrow() { return (() => (() => this.n + m.load(1))())(); }, get double() { return this.n * 2; } };
      const { who } = o;
      return [o.who(), who(), (0, o.who)(), (o.who)(), o.arrow(), o.double, o['who'](), o[log('who')](m.load(1))];
    }`,
  ],
  [
    'call, apply and bind',
    `
    export function main(m, log) {
      function f(a, b) { return [this, a, b, m.load(0)]; }
      const bound = f.bind('o', 1);
      return [f.call(1, 2, m.load(1)), f.apply(3, [4, m.load(2)]), bound(m.load(3)), f.apply(5), f.call(), bound.name, bound.length, bound.call('ignored', 7)];
    }`,
  ],
  [
    'classes: super, private methods, static, accessors, fields',
    `
    class Base {
      static made = 0;
      #secret(m, k) { return m.load(k) + 100; }
      constructor(n) { this.n = n; Base.made++; }
      get(m) { return this.#secret(m, this.n); }
      static make(m, n) { return new this(n + m.load(0)); }
      *all(m) { yield m.load(0); yield this.n; }
      get secret() { return this.#secret; }
      static #hidden(m) { return m.fetchAdd(1, 3); }
      static open(m) { return this.#hidden(m) + Base.#hidden(m); }
    }
    class Derived extends Base {
      handler = (m) => [this.n, super.get(m)];
      #steps(m) { return { *go() { yield m.load(2); yield 9; } }.go(); }
      *#walk(m) { yield m.load(3); yield* this.#steps(m); }
      get(m) { return super.get(m) * 2 + (() => super.get(m))(); }
      static make(m, n) { const made = super.make(m, n); made.tag = m.load(1); return made; }
      ['com' + 'puted'](m) { return m.load(4) + this.n; }
      walk(m) { const seen = []; for (const v of this.#walk(m)) seen.push(v); return seen; }
      constructor(n) { const later = () => this.n; super(n + 1); this.later = later(); }
    }
    export function main(m, log) {
      const d = Derived.make(m, 4); const seen = [];
      for (const v of d.all(m)) seen.push(v);
      return [d.get(m), d.handler(m), d.computed(m), d.walk(m), d.tag, d.later, seen, Base.open(m), Base.made, d.secret.call(d, m, 5), Derived.name, d.get.name, d.get.length, d.computed.name];
    }`,
  ],
  [
    'getters, setters and constructors run as plain code',
    `
    export function main(m, log) {
      class Box { #v = 1; get v() { return log(this.#v); } set v(v) { this.#v = log(v); } constructor(start) { this.v = start; } }
      const box = new Box(m.load(0)); box.v += m.load(1) + 3; box.v ??= m.load(7);
      return box.v;
    }`,
  ],
  [
    'names and lengths of functions stay',
    `
    export function main(m, log) {
      const arrow = (a, b) => m.load(a); let assigned; assigned = function (a) { return m.load(a); };
      const o = { method(a) { return m.load(a); }, [log('com') + m.load(0)]: () => m.load(1), value: (a, b, c) => m.load(a), 'quo ted'() { return m.load(0); }, *gen(a) { yield m.load(a); } };
      const { d = () => m.load(2) } = {}; class C { static s() { return m.load(0); } field = () => m.load(0); #p = () => m.load(0); names() { return [this.field.name, this.#p.name]; } }
      return [arrow, assigned, ...Object.values(o), d, C.s].map((f) => f.name + f.length).concat(Object.keys(o), new C().names(), [o.com0()]);
    }`,
  ],
  [
    'closures keep their own variables',
    `
    export function main(m, log) {
      const made = [];
      for (let i = 0; i < 3; i++) made.push(() => [i, m.fetchAdd(0, i)]);
      for (const j of [7, 8]) made.push((k = m.load(0)) => { j; return [j, k]; });
      return made.map((f) => f.name).concat(run(made));
    }
    function run(list) { const out = []; for (const f of list) out.push(f()); return out; }`,
  ],
  [
    'defaults and patterns in parameters',
    `
    export function main(m, log) {
      function f(a, b = m.load(a), { c = m.fetchAdd(1, 1), ...rest } = {}, [d = log(b), e] = [], ...more) { return [a, b, c, d, e, rest, more, arguments.length]; }
      const g = (x = m.load(3), y = () => x + m.load(0)) => [x, y()];
      return [f(1), f(1, undefined, { c: 2, z: 3 }, [4, 5], 6, 7), f(2, null), f.length, g(), g(8)];
    }`,
  ],
  [
    'destructuring, spread and computed keys',
    `
    export function main(m, log) {
      const keys = ['a', 'b']; let i = 0;
      const { [keys[i++] + m.load(0)]: first = m.fetchAdd(0, 2), ...others } = { a1: 1, b: 2 };
      const list = [...[m.load(0), 2], ...(m.load(1) ? [] : [3])];
      const f = (...xs) => log(xs.length) + m.load(0);
      let a, b; [a, b = m.load(0)] = [m.load(1)]; ({ a, b: b } = { a: b, b: a });
      return [first, others, list, f(...list, ...list), Math.max(...list, m.load(0)), a, b, { ...{ x: m.load(0) }, y: f(1) }];
    }`,
  ],
  [
    'optional chains',
    `
    export function main(m, log) {
      const none = undefined; const o = { f(x) { return [this === o, x, m.load(0)]; }, n: { g: () => ({ h: m.load(1) }) }, z: null, one: 1 };
      const said = [none?.f(log('never')), o.f?.(m.load(0)), o.none?.(log('never')), o.n?.g?.().h, o.z?.g(log('never')).h.i.j, (o?.f)(2), (o?.n).g().h, delete o?.n.g().h, o?.['f']?.(3)];
      try { o.none?.x; o?.none(); } catch (e) { said.push(e.name); }
      try { o?.n.none.x(m.load(0)); } catch (e) { said.push(e.message); }
      return said;
    }`,
  ],
  [
    'operators that do not evaluate everything',
    `
    export function main(m, log) {
      const f = (x) => { log(x); return x; }; let a = null, b = 0, c = 1;
      a ??= m.load(0) || f(5); b ||= f(m.load(0) + 1); c &&= f(2); c ??= f('never');
      return [a, b, c, f(0) && f('never'), f(1) || f('never'), f(null) ?? m.load(2), m.load(0) ? f('never') : f('else'), (f(1), f(2), m.load(1))];
    }`,
  ],
  [
    'tagged templates',
    `
    export function main(m, log) {
      const tag = (strings, ...values) => [strings.raw.join('|'), strings.length, Object.isFrozen(strings), ...values, m.load(0)];
      const o = { n: 1, tag(s, v) { return [this.n, s[0], v, m.load(1)]; } };
      const kept = []; const keep = (s) => { kept.push(s); return m.load(0); };
      for (let i = 0; i < 2; i++) keep\`same\`;
      return [tag\`a\${m.load(0)}\\n\${log(2)}c\`, o.tag\`x\${m.fetchAdd(1, 1)}\`, kept[0] === kept[1], \`plain \${m.load(1)}\`, String.raw\`\\\${m.load(0)}\`];
    }`,
  ],
  [
    'methods of number literals',
    `
    export function main(m, log) {
      return [16 .toString(2), 16..toString(m.load(0) + 2), (255).toString(16), 1.5.toFixed(m.load(1)), 16 .toString?.(8)];
    }`,
  ],
  [
    'try, catch and finally',
    `
    export function main(m, log) {
      function f(how) {
        for (let i = 0; i < 3; i++) {
          try { log('try ' + i); if (how === 'throw' && i === 1) throw new Error('at ' + m.load(0)); if (how === 'return' && i === 1) return m.load(1); if (how === 'break' && i) break; if (how === 'continue') continue; }
          catch (e) { log(e.message); if (m.load(2)) throw e; return 'caught ' + m.fetchAdd(0, 1); }
          finally { log('finally ' + m.fetchAdd(1, 1)); if (how === 'override') return 'overridden'; }
        }
        return 'end ' + m.load(1);
      }
      return ['throw', 'return', 'break', 'continue', 'override', ''].map((how) => how).reduce((all, how) => all, collect(f, ['throw', 'return', 'break', 'continue', 'override', '']));
    }
    function collect(f, list) { const out = []; for (const each of list) out.push(f(each)); return out; }`,
  ],
  [
    'an error goes through',
    `
    export function main(m, log) { try { inner(m, log); } finally { log(m.load(0)); } }
    function inner(m, log) { const fail = () => { m.store(0, 7); throw new RangeError('no ' + m.load(0)); }; [1].length && fail(); log('never'); }`,
  ],
  [
    'labels, switch and all loops',
    `
    export function main(m, log) {
      const out = [];
      outer: for (const a of [m.load(0), 1, 2]) { inner: for (let i = 0; i < 4; i++) { if (i === 2) continue outer; if (a === 2) break outer; if (i === 0) continue inner; out.push([a, i, m.fetchAdd(0, 1)]); } }
      let n = 0; do { n += m.fetchAdd(1, 1); } while (m.load(1) < 3); while (m.load(1) > 1) m.store(1, m.load(1) - 1);
      for (const key in { a: m.load(0), b: 2 }) out.push(key);
      found: { if (m.load(1)) break found; out.push('never'); }
      switch (m.load(1)) { case log(0): out.push('no'); case m.load(1): out.push('yes'); function late() { return m.load(0); } case 9: out.push(late()); break; default: out.push('never'); }
      let k = 5; for (k of [m.load(0)]) out.push(k); const o = {}; for (o.p of new Set([m.load(1), 4])) out.push(o.p); for (const [x, y = m.load(0)] of [[1], [2, 3]]) out.push(x + y);
      return [out, n];
    }`,
  ],
  [
    'hand-written generators',
    `
    function* count(m, from, to) { try { for (let i = from; i < to; i++) { const got = yield [i, m.fetchAdd(0, 1)]; if (got) m.store(2, got); } return m.load(2); } finally { m.store(3, m.load(3) + 1); } }
    function* both(m) { const a = yield* count(m, 0, 2); const b = yield* count(m, a, a + 1); return [a, b]; }
    export function main(m, log) {
      const out = []; const g = count(m, 0, 9);
      out.push(g.next('ignored'), g.next(5), g.next(), g.return('early'), g.next(), m.load(3));
      for (const v of both(m)) { out.push(v); if (v[0] > 5) break; }
      const h = both(m); for (let r = h.next(); !r.done; r = h.next(4)) out.push(r.value);
      const t = count(m, 0, 3); t.next(); try { t.throw(new Error('in')); } catch (e) { out.push(e.message, m.load(3)); }
      for (const v of count(m, 0, 5)) if (v[0] === 1) break; out.push(m.load(3));
      try { for (const v of count(m, 0, 5)) throw new Error('body'); } catch (e) { out.push(e.message, m.load(3)); }
      const fresh = count(m, 0, 1);
      out.push(Object.prototype.toString.call(fresh), fresh instanceof count, typeof fresh.next, fresh[Symbol.iterator]() === fresh, count.name, count.length);
      return out;
    }`,
  ],
  [
    'iterables that are no generators',
    `
    class Range { constructor(n) { this.n = n; } *[Symbol.iterator]() { for (let i = 0; i < this.n; i++) yield i; } }
    const closing = (m, log) => ({ [Symbol.iterator]() { let n = m.load(5); return { next() { n += m.fetchAdd(5, 1) + 1; return { done: n > 20, value: n }; }, return() { log('closed ' + m.load(5)); return {}; } }; } });
    export function main(m, log) {
      const out = [];
      for (const v of new Range(3)) out.push(v + m.load(0));
      for (const v of closing(m, log)) out.push(v);
      for (const v of closing(m, log)) { out.push(v); if (v > 6) break; }
      try { for (const v of closing(m, log)) throw v; } catch (e) { out.push(e); }
      try { for (const v of m.load(0)) out.push(v); } catch (e) { out.push(e.name); }
      out.push(...new Range(2)); const [a, b] = new Range(4); out.push(a, b);
      for (const [k, v] of new Map([[1, 2]])) out.push(k + v + m.load(0)); for (const c of 'héy') out.push(c);
      return out;
    }`,
  ],
  [
    'functions that name themselves',
    `
    export function main(m, log) {
      const f = function fact(n) { return n < 2 ? 1 + m.load(0) : n * fact(n - 1); };
      const g = function self() { return self.name + m.load(0); }; const o = { deep(n) { return n ? o.deep(n - 1) : m.load(0); } };
      return [f(5), f.name, g(), (function iife(n) { return n ? iife(n - 1) : m.load(1); })(3), ((a) => a + m.load(0))(2), o.deep(3), hoisted(2)];
      function hoisted(n) { return n ? hoisted(n - 1) : m.load(2); }
    }`,
  ],
  [
    'functions in blocks, and in one another',
    `
    export function main(m, log) {
      const out = [];
      if (m.load(0) === 0) { out.push(inBlock()); function inBlock() { return deeper() + m.load(1); function deeper() { return m.fetchAdd(1, 2); } } }
      { function inBlock() { return 'other' + m.load(0); } out.push(inBlock()); }
      const make = () => () => () => m.load(1); out.push(make()()());
      return out;
    }`,
  ],
  [
    'arguments, new.target and this in arrows',
    `
    export function main(m, log) {
      function f() { const inner = () => [arguments[0], arguments.length, new.target === undefined, this?.x, m.load(0)]; return inner('not mine'); }
      function K() { this.made = (() => new.target === K)(); }
      const shorthand = function () { return (() => { const o = { arguments }; return o.arguments[0] + m.load(0); })(); };
      return [f.call({ x: 1 }, 'a', 'b'), new K().made, shorthand(4)];
    }`,
  ],
  [
    'objects with super',
    `
    export function main(m, log) {
      const base = { hi() { return 'hi ' + this.n + m.load(0); }, *all() { yield m.load(1); } };
      const o = { n: 1, hi() { return super.hi() + '!'; }, *all() { yield* super.all(); yield 2; }, both() { return (() => super.hi())(); } };
      Object.setPrototypeOf(o, base); const seen = []; for (const v of o.all()) seen.push(v);
      return [o.hi(), seen, o.both()];
    }`,
  ],
  [
    'code without semicolons',
    `
    export function main(m, log) {
      const f = () => m.load(0)
      const g = () => { return m.load(1) }
      [1, 2].forEach((x) => log(x))
      let a = f()
      ;[a] = [g()]
      const h = function () { return m.load(a) }
      ;(h)()
      log(f)
      if (a) f(); else g()
      do log(a); while (m.load(0))
      return a
    }`,
  ],
  [
    'seam names on things that are no memory',
    `
    export function main(m, log) {
      const map = new Map([[1, m.load(0)]]); const list = [1, 2, 3]; list.fill(m.load(1), 1);
      const own = { load(x) { return 'own ' + x + m.load(0); }, read: (x) => x * 2, now() { return log('now'); }, store: undefined };
      return [list, own.load(m.load(1)), own.read(4), own.now(), own.store?.(1), [...map.values()].copyWithin(0).length];
    }`,
  ],
  [
    'callbacks of built-ins that touch nothing',
    `
    export function main(m, log) {
      const list = [3, 1, 2]; const add = (x) => x + 1; const base = m.load(0);
      return [list.map(add), list.map((x) => log(x) + base), list.toSorted((a, b) => a - b), 'a-b'.replace(/-/, () => '+'), Array.from({ length: 2 }, (_, i) => i), list.reduce((a, b) => a + b)];
    }`,
  ],
  [
    'async functions and classes inside of functions',
    `
    export function main(m, log) {
      class Inner { run() { return m.load(0) + this.plus; } plus = 2; static { this.made = 'static'; } }
      const later = async () => { await null; return [1].map((x) => x); };
      const key = 'k'; class Keyed { [key + m.load(0)]() { return m.load(1); } static [log('s')] = () => 1; }
      return [new Inner().run(), Inner.made, typeof later().then, new Keyed().k0(), Keyed.s.name];
    }`,
  ],
  [
    'regular expressions, comments and odd texts',
    `
    export function main(m /* memory */, log) { // trailing
      const re = /m.load\\(\\d\\)/g; /* m.load(9) */ const s = 'm.load(8)'; // m.load(7)
      return [m.load( // here
        0), re.test('m.load(1)'), s, m
          .load(1), m.load((1, 2)), (m).load(3), m['load'](4)];
    }`,
  ],
];
