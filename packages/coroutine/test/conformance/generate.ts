/**
 * Random programs for fast-check. They end (loops are counted, functions call only functions before them), and
 * nearly every part of them makes an access or a log entry, so that a change of order shows.
 */
import fc from 'fast-check';

const word = fc.integer({ min: 0, max: 7 });
const variable = fc.constantFrom('a', 'b', 'c');

/** What a program may call besides the memory: all forms of function there are. */
const HELPERS = `
function add(x, y = m.load(3)) { log('add'); return x + y; }
const pick = (...xs) => xs[m.load(4) % Math.max(xs.length, 1)];
const o = { k: 1, get(x) { return this.k + x + m.load(this.k); }, maybe: undefined, *walk(n) { try { for (let i = 0; i < n; i++) { const sent = yield i + m.fetchAdd(5, 1); if (sent) log(sent); } return m.load(5); } finally { log('walked ' + m.fetchAdd(6, 1)); } } };
class Base { #n; constructor(n) { this.#n = n; } #own(x) { return this.#n + x; } take(x) { return this.#own(x) + m.load(1); } }
class Derived extends Base { take(x) { return (() => super.take(x))() * 2; } }
const d = new Derived(2);
const tag = (s, ...v) => s.length + v.reduce((x, y) => x + Number(y), 0) + m.load(2);
const twice = (f) => f(1) + f(m.load(0));
`;

const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const e = tie('expression');
  return {
    expression: fc.oneof(
      { maxDepth: 4, depthSize: 'medium' },
      fc.integer({ min: -2, max: 9 }).map((n) => `(${n})`),
      variable,
      word.map((at) => `m.load(${at})`),
      fc.tuple(word, e).map(([at, x]) => `m.fetchAdd(${at}, ${x})`),
      fc.tuple(e, e).map(([at, x]) => `(m.store(Math.abs(${at} | 0), ${x} | 0) ?? 1)`),
      fc
        .tuple(e, fc.constantFrom('+', '-', '*', '|', '<', '===', '&&', '||', '??', ','), e)
        .map(([x, op, y]) => `((${x}) ${op} (${y}))`),
      fc.tuple(e, e, e).map(([x, y, z]) => `(${x} ? ${y} : ${z})`),
      fc
        .tuple(variable, fc.constantFrom('=', '+=', '??=', '||=', '&&='), e)
        .map(([v, op, x]) => `(${v} ${op} ${x})`),
      fc.tuple(variable, fc.constantFrom('++', '--')).map(([v, op]) => `${v}${op}`),
      e.map((x) => `log(${x})`),
      e.map((x) => `add(${x})`),
      fc.tuple(e, e).map(([x, y]) => `add(${x}, ${y})`),
      fc.tuple(e, e).map(([x, y]) => `pick(${x}, ...[${y}, 3])`),
      e.map((x) => `o.get(${x})`),
      e.map((x) => `o?.['get']?.(${x})`),
      e.map((x) => `o.maybe?.(${x})`),
      e.map((x) => `d.take(${x})`),
      e.map((x) => `new Derived(${x}).take(1)`),
      fc.tuple(e, e).map(([x, y]) => 'tag`${' + x + '}-${' + y + '}`'),
      fc.tuple(e, e).map(([x, y]) => `twice((x, z = ${x}) => x + (${y}))`),
      fc.tuple(e, e).map(([x, y]) => `add.call(null, ${x}, ${y})`),
      fc.tuple(e, e).map(([x, y]) => `((p, q = p) => { a = q; return p; })(${x}, ${y})`),
      fc.tuple(e, e).map(([x, y]) => `[${x}, ${y}].map((each) => each)[m.load(0) & 1]`),
      e.map((x) => `({ x: ${x}, y() { return this.x + m.load(2); } }).y()`),
      e.map((x) => `(() => { throw ${x}; })`).map((f) => `(m.load(7) > 3 ? ${f}() : 0)`),
    ),
  };
});

const { statement } = fc.letrec<{ statement: string; block: string }>((tie) => {
  const block = tie('block');
  return {
    block: fc
      .array(tie('statement'), { minLength: 1, maxLength: 3 })
      .map((all) => `{ ${all.join('\n')} }`),
    statement: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      expression.map((x) => `log(${x});`),
      fc.tuple(variable, expression).map(([v, x]) => `${v} = ${x};`),
      fc.tuple(expression, block, block).map(([x, y, z]) => `if (${x}) ${y} else ${z}`),
      fc
        .tuple(expression, block)
        .map(([x, b]) => `for (let i = 0, n = (${x}) & 3; i < n; i++) ${b}`),
      fc
        .tuple(expression, block, fc.constantFrom('', 'break;', 'continue;'))
        .map(([x, b, end]) => `for (const v of o.walk((${x}) & 3)) { log(v); ${b} ${end} }`),
      fc
        .tuple(expression, expression, block)
        .map(([x, y, b]) => `for (const [p, q = ${x}] of [[1], [${y}, 2]]) { a = p + q; ${b} }`),
      fc
        .tuple(expression, block, fc.nat())
        .map(
          ([x, b, n]) =>
            `outer${n}: for (const v of [1, 2]) { for (const w of o.walk(2)) { if ((${x}) > 2) continue outer${n}; ${b} break outer${n}; } }`,
        ),
      fc
        .tuple(block, block, block)
        .map(([x, y, z]) => `try ${x} catch (caught) { log(String(caught)); ${y} } finally ${z}`),
      fc
        .tuple(expression, block, block)
        .map(
          ([x, y, z]) =>
            `switch ((${x}) & 1) { case 0: ${y} case log(1): ${z} break; default: log('default'); }`,
        ),
      fc
        .tuple(expression, expression)
        .map(
          ([x, y]) =>
            `{ const g = o.walk(2); log(g.next(${x}).value); log(g.next(${y}).done); log(g.return(1).value); }`,
        ),
      fc.tuple(variable, expression).map(([v, x]) => `({ ${v} = ${x} } = {});`),
      expression.map((x) => `{ const { p = ${x}, ...rest } = { q: 1 }; log([p, rest]); }`),
      block.map((b) => `(function inner(n) { if (n) inner(n - 1); else ${b} })(1);`),
      fc
        .tuple(variable, block)
        .map(([v, b]) => `{ const f = () => { ${v}++; ${b} }; f(); f?.(); }`),
      expression.map((x) => `if (m.load(7) > 5) throw new Error('thrown ' + (${x}));`),
    ),
  };
});

/** Source of a module with `main(memory, log)`. */
export const program: fc.Arbitrary<string> = fc
  .array(statement, { minLength: 1, maxLength: 6 })
  .map(
    (statements) =>
      `export function main(m, log) { let a = 1, b = 2, c; ${HELPERS}\n${statements.join('\n')}\nreturn [a, b, c]; }`,
  );
