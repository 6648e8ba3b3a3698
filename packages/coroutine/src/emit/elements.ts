/**
 * `array[index]` with the option `atomics`: the runtime finds out whether the array belongs to an engine. In a
 * twin the access may be suspended. In plain code it goes through the runtime too, with no site, so that the
 * engine can refuse it.
 *
 *   a[i]         get(a, i)
 *   a[i] = v     set(a, i, v)
 *   a[i] += v    old = get(a, i), set(a, i, old + v): two accesses, as in hardware
 */
import type {
  AssignmentExpression,
  ChainExpression,
  MemberExpression,
  UpdateExpression,
} from 'acorn';
import type { Node } from '../syntax/ast.ts';
import { isStable } from '../syntax/calm.ts';
import { emitAccess } from './access.ts';
import { emitOperand } from './context.ts';
import type { Context, Emitter } from './context.ts';
import { Scratch } from './scratch.ts';

/** Could it be an element of a typed array? */
export function isElement(e: Emitter, node: Node): node is MemberExpression {
  if (!e.info.atomics || node.type !== 'MemberExpression' || !node.computed) return false;
  if (node.object.type === 'Super') return false;
  return !(node.property.type === 'Literal' && typeof node.property.value === 'string');
}

/** Is there an `array?.[index]` in `chain`? */
export function hasElement(e: Emitter, chain: ChainExpression): boolean {
  let node: Node = chain.expression;
  while (node.type === 'CallExpression' || node.type === 'MemberExpression') {
    const inner: Node = node.type === 'CallExpression' ? node.callee : node.object;
    if (isElement(e, node)) return true;
    node = inner;
  }
  return false;
}

function emitCall(
  e: Emitter,
  name: 'getElement' | 'elementTarget',
  node: MemberExpression,
  context: Context,
): void {
  e.out.write(`${e.names.use(name)}(`, node.start);
  emitOperand(e, node.object, context);
  e.out.write(',', node.property.start);
  emitOperand(e, node.property, context);
  e.out.write(')', node.end);
}

/**
 * `a[i]` as something that is written to, in plain code or in a destructuring pattern: an object whose `value` is
 * the element.
 */
export function emitElementTarget(e: Emitter, node: MemberExpression, context: Context): void {
  emitCall(e, 'elementTarget', node, context);
  e.out.write('.value', node.end);
}

/** `a[i]` as a value. */
export function emitElement(e: Emitter, node: MemberExpression, context: Context): void {
  const { temps } = context;
  if (temps === undefined) {
    emitCall(e, 'getElement', node, context);
    return;
  }
  const scratch = new Scratch(e, temps, node.start);
  const [object, index] = holdElement(e, node, context, scratch);
  emitGet(e, node, context, object, index);
  scratch.close();
}

export function emitGet(
  e: Emitter,
  node: MemberExpression,
  context: Context,
  object: string,
  index: string,
): void {
  const at = node.property.start;
  emitAccess(e, node, at, context, () =>
    e.out.write(`${e.names.use('getElement')}(${object},${index})`, at),
  );
}

function emitSet(
  e: Emitter,
  node: Node,
  at: number,
  context: Context,
  [object, index, value]: readonly [string, string, string],
): void {
  emitAccess(e, node, at, context, () =>
    e.out.write(`${e.names.use('setElement')}(${object},${index},${value})`, at),
  );
}

/** Evaluates object and index; their names. */
function holdElement(
  e: Emitter,
  { object, property }: MemberExpression,
  context: Context,
  scratch: Scratch,
): [object: string, index: string] {
  const hold = (node: Node): string => {
    const { type } = node;
    if (isStable(node, e.info.bindings) && (type === 'Identifier' || type === 'Literal')) {
      if (type === 'Literal' || node.name !== 'arguments')
        return e.source.slice(node.start, node.end);
    }
    return scratch.assign(() => emitOperand(e, node, context));
  };
  return [hold(object), hold(property)];
}

const LOGICAL: ReadonlySet<string> = new Set(['&&', '||', '??']);

/** `a[i] = v`, `a[i] += v`, `a[i] ??= v`. */
export function emitElementAssignment(
  e: Emitter,
  node: AssignmentExpression,
  left: MemberExpression,
  context: Context,
): void {
  const { out } = e;
  const { right } = node;
  const { temps } = context;
  if (temps === undefined) {
    emitElementTarget(e, left, context);
    out.write(node.operator, left.end);
    emitOperand(e, right, context);
    return;
  }
  const at = left.property.start;
  const scratch = new Scratch(e, temps, node.start);
  const [object, index] = holdElement(e, left, context, scratch);
  const operator = node.operator.slice(0, -1);
  const value = (): void => emitOperand(e, right, context);
  if (LOGICAL.has(operator)) {
    const old = scratch.assign(() => emitGet(e, left, context, object, index));
    const held = scratch.take();
    out.write(`${old}${operator}(${held}=`, at);
    value();
    out.write(',', at);
    emitSet(e, node, at, context, [object, index, held]);
    out.write(`,${held})`, node.end);
    scratch.close();
    return;
  }
  let held: string;
  if (operator === '') {
    held = scratch.assign(value);
  } else {
    const old = scratch.assign(() => emitGet(e, left, context, object, index));
    held = scratch.assign(() => {
      out.write(`${old}${operator}(`, at);
      value();
      out.write(')', right.end);
    });
  }
  emitSet(e, node, at, context, [object, index, held]);
  out.write(`,${held}`, node.end);
  scratch.close();
}

/** `a[i]++`, `--a[i]`. */
export function emitElementUpdate(
  e: Emitter,
  node: UpdateExpression,
  argument: MemberExpression,
  context: Context,
): void {
  const { operator, prefix } = node;
  const { temps } = context;
  if (temps === undefined) {
    e.out.write(prefix ? operator : '', node.start);
    emitElementTarget(e, argument, context);
    e.out.write(prefix ? '' : operator, node.end);
    return;
  }
  const at = argument.property.start;
  const scratch = new Scratch(e, temps, node.start);
  const [object, index] = holdElement(e, argument, context, scratch);
  const value = scratch.assign(() => emitGet(e, argument, context, object, index));
  const result = scratch.assign(() => {
    e.out.write(prefix ? `${operator}${value}` : `${value}${operator}`, at);
  });
  emitSet(e, node, at, context, [object, index, value]);
  e.out.write(`,${result}`, node.end);
  scratch.close();
}
