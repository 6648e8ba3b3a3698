/** What is emitted for each kind of node. Whatever is not listed stays as it stands. */
import type {
  AssignmentProperty,
  ChainExpression,
  Identifier,
  LabeledStatement,
  MemberExpression,
  Property,
  UnaryExpression,
} from 'acorn';
import { children, isClass, isFunction } from '../syntax/ast.ts';
import type { FunctionNode, Node } from '../syntax/ast.ts';
import { emitCall } from './calls.ts';
import { emitChain, hasCall } from './chains.ts';
import { emitClass } from './classes.ts';
import type { Context, Emitter } from './context.ts';
import {
  emitElement,
  emitElementAssignment,
  emitElementTarget,
  emitElementUpdate,
  hasElement,
  isElement,
} from './elements.ts';
import { emitFunctionValue, emitPlainFunction } from './functions.ts';
import { emitForOf, isSteppedLoop } from './loops.ts';
import { emitObject } from './objects.ts';
import { emitPrivateValue, privateMethod } from './private-methods.ts';
import { emitStatements } from './statements.ts';
import { emitSwitch } from './switch.ts';
import { emitTaggedTemplate } from './templates.ts';

export function makeEmitter(
  parts: Pick<Emitter, 'out' | 'source' | 'info' | 'names' | 'sites' | 'fail'>,
): Emitter {
  const e: Emitter = {
    ...parts,
    emit: (node, context) => emitNode(e, node, context),
    emitChildren(node, context) {
      let at = node.start;
      for (const child of children(node)) {
        e.out.copy(at, child.start);
        e.emit(child, context);
        at = child.end;
      }
      e.out.copy(at, node.end);
    },
    emitTarget: (node, context) => emitPatternTarget(e, node, context),
    emitMember: (node, context) => emitMember(e, node, context),
    emitStatements: (statements, from, to, context) =>
      emitStatements(e, statements, from, to, context),
    emitNamed(value, name, context) {
      if (isFunction(value)) emitFunctionValue(e, value, context, name);
      else if (isClass(value)) emitClass(e, value, context, name);
      else e.emit(value, context);
    },
  };
  return e;
}

function emitNode(e: Emitter, node: Node, context: Context): void {
  const { out } = e;
  const { temps, lexical } = context;
  switch (node.type) {
    case 'FunctionDeclaration':
      emitDeclaration(e, node, context);
      return;
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      emitFunctionValue(e, node, context, '');
      return;
    case 'ClassDeclaration':
    case 'ClassExpression':
      emitClass(e, node, context, '');
      return;
    case 'ObjectExpression':
      emitObject(e, node, context);
      return;
    case 'BlockStatement':
    case 'StaticBlock': {
      const open = e.source.indexOf('{', node.start) + 1;
      out.copy(node.start, open);
      e.emitStatements(node.body, open, node.end, context);
      return;
    }
    case 'VariableDeclarator':
      emitWithName(e, node, node.id, node.init, context);
      return;
    case 'AssignmentPattern':
      emitWithName(e, node, node.left, node.right, context);
      return;
    case 'AssignmentExpression':
      if (isElement(e, node.left)) emitElementAssignment(e, node, node.left, context);
      else emitWithName(e, node, node.left, node.right, context);
      return;
    case 'UpdateExpression':
      if (isElement(e, node.argument)) {
        emitElementUpdate(e, node, node.argument, context);
      } else {
        e.emitChildren(node, context);
      }
      return;
    case 'ExportDefaultDeclaration':
      out.copy(node.start, node.declaration.start);
      e.emitNamed(node.declaration, 'default', context);
      out.copy(node.declaration.end, node.end);
      return;
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
      out.copy(node.start, node.end);
      return;
    case 'ExportNamedDeclaration':
      if (node.declaration) e.emitChildren(node, context);
      else out.copy(node.start, node.end);
      return;
    case 'ThisExpression':
      out.write(lexical.this, node.start);
      return;
    case 'MetaProperty':
      if (node.meta.name === 'new') out.write(lexical.newTarget, node.start);
      else out.copy(node.start, node.end);
      return;
    case 'Identifier':
      if (node.name === 'arguments') out.write(lexical.arguments, node.start);
      else out.copy(node.start, node.end);
      return;
    case 'Property':
      // Of a pattern: literals have their own way.
      if (node.shorthand) e.emit(node.value, context);
      else emitPatternProperty(e, node, context);
      return;
    case 'MemberExpression':
      if (isElement(e, node)) emitElement(e, node, context);
      else emitMember(e, node, context);
      return;
    case 'CallExpression':
      emitCall(e, node, context);
      return;
    case 'ChainExpression':
      emitChainExpression(e, node, context);
      return;
    case 'UnaryExpression':
      if (node.operator === 'delete') emitDelete(e, node, context);
      else e.emitChildren(node, context);
      return;
    case 'ArrayPattern':
    case 'RestElement':
      emitTargets(e, node, context);
      return;
    case 'SwitchStatement':
      emitSwitch(e, node, context);
      return;
    case 'TaggedTemplateExpression':
      if (temps === undefined) e.emitChildren(node, context);
      else emitTaggedTemplate(e, node, context, temps);
      return;
    case 'LabeledStatement':
      emitLabeled(e, node, context);
      return;
    case 'ForOfStatement':
      if (temps !== undefined && isSteppedLoop(node)) emitForOf(e, node, context, temps);
      else e.emitChildren(node, context);
      return;
    default:
      e.emitChildren(node, context);
  }
}

function emitDeclaration(e: Emitter, node: FunctionNode, context: Context): void {
  const name =
    node.type === 'FunctionDeclaration' ? (node.id as Identifier | null)?.name : undefined;
  // `export default function () {}` has no name by which its twin could be attached beforehand.
  if (name === undefined) emitFunctionValue(e, node, context, 'default');
  else emitPlainFunction(e, node, context, name);
}

/** `target = value`, in which an anonymous function gets the name of the target. */
function emitWithName(
  e: Emitter,
  node: Node,
  target: Node,
  value: Node | null | undefined,
  context: Context,
): void {
  const { out } = e;
  out.copy(node.start, target.start);
  emitPatternTarget(e, target, context);
  if (!value) {
    out.copy(target.end, node.end);
    return;
  }
  out.copy(target.end, value.start);
  e.emitNamed(value, target.type === 'Identifier' ? target.name : '', context);
  out.copy(value.end, node.end);
}

function emitPatternProperty(
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

function emitMember(e: Emitter, node: MemberExpression, context: Context): void {
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

/** A stepped loop stands in a `try`: its labels go in there with it. */
function emitLabeled(e: Emitter, node: LabeledStatement, context: Context): void {
  const labels: Node[] = [node.label];
  let body: Node = node.body;
  while (body.type === 'LabeledStatement') {
    labels.push(body.label);
    body = body.body;
  }
  if (context.temps !== undefined && body.type === 'ForOfStatement' && isSteppedLoop(body)) {
    emitForOf(e, body, context, context.temps, labels);
    return;
  }
  e.out.copy(node.start, node.body.start);
  e.emit(node.body, context);
}

function emitChainExpression(e: Emitter, node: ChainExpression, context: Context): void {
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

function emitDelete(e: Emitter, node: UnaryExpression, context: Context): void {
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
function emitPatternTarget(e: Emitter, node: Node, context: Context): void {
  if (isElement(e, node)) emitElementTarget(e, node, context);
  else e.emit(node, context);
}

function emitTargets(e: Emitter, node: Node, context: Context): void {
  let at = node.start;
  for (const child of children(node)) {
    e.out.copy(at, child.start);
    emitPatternTarget(e, child, context);
    at = child.end;
  }
  e.out.copy(at, node.end);
}
