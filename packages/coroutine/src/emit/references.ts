/** Members, and all that stands for a place rather than for a value. */
import type {
  AssignmentProperty,
  ChainExpression,
  MemberExpression,
  Property,
  UnaryExpression,
} from 'acorn';
import { children } from '../syntax/ast.ts';
import type { Node } from '../syntax/ast.ts';
import { emitChain, hasCall } from './chains.ts';
import type { Context, Emitter } from './context.ts';
import { emitElementTarget, hasElement, isElement } from './elements.ts';
import { emitPrivateValue, privateMethod } from './private-methods.ts';

export function emitMember(e: Emitter, node: MemberExpression, context: Context): void {
  const { out } = e;
  const { object, property } = node;
  const method =
    property.type === 'PrivateIdentifier' ? privateMethod(e, property.name, context) : undefined;
  if (method !== undefined && property.type === 'PrivateIdentifier') {
    emitPrivateValue(e, node, property.name, method.value.generator, context);
    return;
  }
  const { superGet } = context.lexical;
  if (object.type === 'Super' && superGet !== undefined) {
    out.write(`${superGet}(`, node.start);
    if (node.computed) e.emit(property, context);
    else out.write(JSON.stringify(e.source.slice(property.start, property.end)), property.start);
    out.write(')', node.end);
    return;
  }
  out.copy(node.start, object.start);
  e.emit(object, context);
  out.copy(object.end, property.start);
  if (node.computed) e.emit(property, context);
  else out.copy(property.start, property.end);
  out.copy(property.end, node.end);
}

export function emitChainExpression(e: Emitter, node: ChainExpression, context: Context): void {
  const { temps } = context;
  if (temps !== undefined && (hasElement(e, node) || hasCall(node))) {
    emitChain(e, node, context, temps);
    return;
  }
  // As it stands: the short circuit of the whole chain cannot be taken apart without temporaries.
  emitLinks(e, node.expression, context);
}

function emitLinks(e: Emitter, node: Node, context: Context): void {
  if (node.type === 'MemberExpression') {
    e.out.copy(node.start, node.object.start);
    emitLinks(e, node.object, context);
    e.out.copy(node.object.end, node.property.start);
    if (node.computed) e.emit(node.property, context);
    else e.out.copy(node.property.start, node.property.end);
    e.out.copy(node.property.end, node.end);
    return;
  }
  if (node.type !== 'CallExpression') {
    e.emit(node, context);
    return;
  }
  let at = node.callee.end;
  e.out.copy(node.start, node.callee.start);
  emitLinks(e, node.callee, context);
  for (const arg of node.arguments) {
    e.out.copy(at, arg.start);
    e.emit(arg, context);
    at = arg.end;
  }
  e.out.copy(at, node.end);
}

export function emitDelete(e: Emitter, node: UnaryExpression, context: Context): void {
  const { argument } = node;
  if (argument.type === 'ChainExpression' && context.temps !== undefined) {
    emitChain(e, argument, context, context.temps, { deletes: true });
    return;
  }
  e.out.copy(node.start, argument.start);
  if (argument.type === 'MemberExpression') emitMember(e, argument, context);
  else e.emit(argument, context);
  e.out.copy(argument.end, node.end);
}

/** What a pattern assigns to. */
export function emitPatternTarget(e: Emitter, node: Node, context: Context): void {
  if (isElement(e, node)) emitElementTarget(e, node, context);
  else e.emit(node, context);
}

export function emitTargets(e: Emitter, node: Node, context: Context): void {
  let at = node.start;
  for (const child of children(node)) {
    e.out.copy(at, child.start);
    emitPatternTarget(e, child, context);
    at = child.end;
  }
  e.out.copy(at, node.end);
}

export function emitPatternProperty(
  e: Emitter,
  node: Property | AssignmentProperty,
  context: Context,
): void {
  const { out } = e;
  out.copy(node.start, node.key.start);
  if (node.computed) e.emit(node.key, context);
  else out.copy(node.key.start, node.key.end);
  out.copy(node.key.end, node.value.start);
  emitPatternTarget(e, node.value, context);
  out.copy(node.value.end, node.end);
}
