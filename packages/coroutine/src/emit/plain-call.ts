/** Calls in plain code: as they stand, but `f.bind(o)` is to give the bound function a bound twin. */
import type { CallExpression } from 'acorn';
import { emitOperand } from './context.ts';
import type { Context, Emitter } from './context.ts';
import { emitArguments } from './operands.ts';

export function emitPlainCall(e: Emitter, node: CallExpression, context: Context): void {
  const { callee } = node;
  if (callee.type === 'MemberExpression' && callee.property.type === 'PrivateIdentifier') {
    // A call hands nothing out: as it stands, but for what is inside.
    e.out.copy(node.start, callee.object.start);
    e.emit(callee.object, context);
    e.out.copy(callee.object.end, callee.end);
    emitArguments(e, node.arguments, context, node.end, node.optional ? '?.(' : '(');
    return;
  }
  if (
    callee.type !== 'MemberExpression' ||
    callee.computed ||
    node.optional ||
    callee.optional ||
    callee.object.type === 'Super' ||
    callee.property.type !== 'Identifier' ||
    callee.property.name !== 'bind'
  ) {
    emitAsItStands(e, node, context);
    return;
  }
  e.out.write(`${e.names.use('bind')}(`, callee.property.start);
  emitOperand(e, callee.object, context);
  emitArguments(e, node.arguments, context, node.end, ',');
}

function emitAsItStands(e: Emitter, node: CallExpression, context: Context): void {
  const { callee } = node;
  let at = callee.end;
  e.out.copy(node.start, callee.start);
  if (callee.type === 'MemberExpression') e.emitMember(callee, context);
  else e.emit(callee, context);
  for (const arg of node.arguments) {
    e.out.copy(at, arg.start);
    e.emit(arg, context);
    at = arg.end;
  }
  e.out.copy(at, node.end);
}
