/** What is emitted for each kind of node. Whatever is not listed stays as it stands. */
import type { LabeledStatement } from 'acorn';
import { children, isClass, isFunction } from '../syntax/ast.ts';
import type { FunctionNode, Node } from '../syntax/ast.ts';
import { emitCall } from './calls.ts';
import { emitClass } from './classes.ts';
import { emitOperand } from './context.ts';
import type { Context, Emitter } from './context.ts';
import { emitElement, emitElementAssignment, emitElementUpdate, isElement } from './elements.ts';
import { emitFunctionValue, emitPlainFunction } from './functions.ts';
import { emitForOf, isSteppedLoop } from './loops.ts';
import { emitObject } from './objects.ts';
import {
  emitChainExpression,
  emitDelete,
  emitMember,
  emitPatternProperty,
  emitPatternTarget,
  emitTargets,
} from './references.ts';
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
    case 'YieldExpression':
      if (temps === undefined || !node.delegate || !node.argument) {
        e.emitChildren(node, context);
        return;
      }
      out.write(`yield* ${e.names.use('delegate')}(`, node.start);
      emitOperand(e, node.argument, context);
      out.write(')', node.end);
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
  const name = node.type === 'FunctionDeclaration' ? node.id?.name : undefined;
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
