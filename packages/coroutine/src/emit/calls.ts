/** Which form a call takes. */
import type { CallExpression } from 'acorn';
import { isFunction } from '../syntax/ast.ts';
import type { Node } from '../syntax/ast.ts';
import { isCalm, isStable } from '../syntax/calm.ts';
import { isAtomicsCall, isPlainGlobalCall, isSeamCall, knownCallee } from '../syntax/functions.ts';
import { emitAtomicsCall } from './atomics.ts';
import { emitChain } from './chains.ts';
import { emitOperand } from './context.ts';
import type { Context, Emitter, Temporaries } from './context.ts';
import { emitControlledCall } from './controlled-call.ts';
import { emitTwin } from './functions.ts';
import { emitArguments, stableReceiver } from './operands.ts';
import type { Emit } from './operands.ts';
import { emitPlainCall } from './plain-call.ts';
import { emitPrivateCall, privateMethod } from './private-methods.ts';

export function emitCall(e: Emitter, node: CallExpression, context: Context): void {
  const { callee } = node;
  const { temps } = context;
  const { bindings } = e.info;
  if (e.info.atomics && isAtomicsCall(callee, bindings)) {
    emitAtomicsCall(e, node, context);
    return;
  }
  if (temps === undefined) {
    emitPlainCall(e, node, context);
    return;
  }
  if (callee.type === 'Super' || isPlainGlobalCall(callee, bindings)) {
    e.emitChildren(node, context);
    return;
  }
  const known = knownCallee(callee, bindings);
  if (known !== undefined) {
    emitKnownCall(e, node, known.name, known.hoisted, context);
    return;
  }
  if (isImmediate(e, callee)) {
    emitImmediateCall(e, node, context);
    return;
  }
  if (callee.type === 'MemberExpression') emitMethodCall(e, node, context, temps);
  else emitFunctionCall(e, node, context, temps);
}

/** `f(x)` with an `f` of this module that is what it was declared as. */
function emitKnownCall(
  e: Emitter,
  node: CallExpression,
  name: string,
  hoisted: boolean,
  context: Context,
): void {
  const { out } = e;
  const info = e.info.functions.get(knownCallee(node.callee, e.info.bindings)!.fn!)!;
  if (!info.hasTwin) {
    e.emitChildren(node, context);
    return;
  }
  const generator = info.node.generator;
  if (hoisted) {
    out.write(`${generator ? '' : '(yield* '}${e.names.twinOf(name)}`, node.start);
    emitArguments(e, node.arguments, context, node.end);
    out.write(generator ? '' : ')', node.end);
    return;
  }
  out.write(`(yield* ${name}[${e.names.use('TWIN')}].call(void 0`, node.start);
  emitArguments(e, node.arguments, context, node.end, ',');
  out.write(')', node.end);
}

/** A function literal that nobody else can get hold of. */
function isImmediate(e: Emitter, callee: Node): boolean {
  if (!isFunction(callee) || callee.generator || !e.info.functions.get(callee)!.hasTwin)
    return false;
  return callee.type === 'ArrowFunctionExpression' || !callee.id;
}

/** `(() => { … })()`: only the twin is needed. */
function emitImmediateCall(e: Emitter, node: CallExpression, context: Context): void {
  const { callee } = node;
  if (!isFunction(callee)) return;
  e.out.write('(yield* (', node.start);
  emitTwin(e, callee, context, { name: '', label: context.label });
  e.out.write(').call(void 0', node.start);
  emitArguments(e, node.arguments, context, node.end, ',');
  e.out.write(')', node.end);
}

function emitFunctionCall(
  e: Emitter,
  node: CallExpression,
  context: Context,
  temps: Temporaries,
): void {
  const { callee } = node;
  const { bindings } = e.info;
  const parts = {
    node,
    at: callee.start,
    args: node.arguments,
    receiver: undefined,
    text: e.source.slice(callee.start, callee.end),
    seam: false,
    ofFunction: false,
  };
  const calm = node.arguments.every((arg) => isCalm(arg, e.info.atomics));
  if (
    callee.type === 'Identifier' &&
    callee.name !== 'arguments' &&
    (isStable(callee, bindings) || calm)
  ) {
    const load: Emit = () => e.out.write(callee.name, callee.start);
    emitControlledCall(e, { ...parts, fn: callee.name, load }, context, temps, false);
    return;
  }
  const fn = temps.take();
  // `(o?.m)(x)` calls `m` on `o`, which the chain leaves behind.
  const object =
    callee.type === 'ChainExpression' && callee.expression.type === 'MemberExpression'
      ? temps.take()
      : undefined;
  const receiver: Emit | undefined =
    object === undefined ? undefined : () => e.out.write(object, callee.start);
  const load: Emit = () => {
    e.out.write(`(${fn}=`, callee.start);
    if (callee.type === 'ChainExpression' && object !== undefined) {
      emitChain(e, callee, context, temps, { receiver: object });
    } else {
      emitOperand(e, callee, context);
    }
    e.out.write(')', callee.end);
  };
  emitControlledCall(e, { ...parts, fn, load, receiver }, context, temps);
  temps.give(object, fn);
}

function emitMethodCall(
  e: Emitter,
  node: CallExpression,
  context: Context,
  temps: Temporaries,
): void {
  const { callee } = node;
  if (callee.type !== 'MemberExpression') return;
  const { out } = e;
  const { object, property } = callee;
  if (property.type === 'PrivateIdentifier' && privateMethod(e, property.name, context)) {
    emitPrivateCall(e, node, property.name, context, temps);
    return;
  }
  const { receiver, open, taken } = stableReceiver(e, object, node.arguments, context, temps);
  const fn = temps.take();
  const load: Emit = () => {
    if (object.type === 'Super' && context.lexical.superGet !== undefined) {
      out.write(`(${fn}=${context.lexical.superGet}(`, property.start);
      if (callee.computed) e.emit(property, context);
      else out.write(JSON.stringify(e.source.slice(property.start, property.end)), property.start);
      out.write('))', property.end);
      return;
    }
    out.write(`(${fn}=`, object.start);
    open();
    if (callee.computed) {
      out.write('[', property.start);
      e.emit(property, context);
      out.write('])', property.end);
    } else {
      out.write('.', property.start);
      out.copy(property.start, property.end);
      out.write(')', property.end);
    }
  };
  const name = !callee.computed && property.type === 'Identifier' ? property.name : '';
  emitControlledCall(
    e,
    {
      node,
      at: property.start,
      args: node.arguments,
      load,
      fn,
      receiver,
      text: e.source.slice(callee.start, callee.end),
      seam: isSeamCall(node),
      ofFunction: name === 'call' || name === 'apply' || name === 'bind',
    },
    context,
    temps,
  );
  temps.give(fn, taken);
}
