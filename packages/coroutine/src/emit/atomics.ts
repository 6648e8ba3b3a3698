/** Direct accesses of users' own files: `Atomics.load(array, index)`, with the option `atomics`. */
import type { CallExpression } from 'acorn';
import { emitAccess } from './access.ts';
import type { Context, Emitter } from './context.ts';
import { emitArguments, planArguments } from './operands.ts';

/** `Atomics.load(array, index)`, in a twin or in plain code: a hook of the runtime decides. */
export function emitAtomicsCall(e: Emitter, node: CallExpression, context: Context): void {
  const { callee } = node;
  const { temps } = context;
  if (callee.type !== 'MemberExpression') return;
  const { out } = e;
  const at = callee.property.start;
  const name = e.source.slice(callee.property.start, callee.property.end);
  const call = `${e.names.use('atomic')}("${name}"`;
  if (temps === undefined) {
    out.write(call, at);
    emitArguments(e, node.arguments, context, node.end, ',');
    return;
  }
  const { before, args, taken } = planArguments(e, node.arguments, context, temps);
  out.write('(', node.start);
  for (const each of before) {
    each();
    out.write(',', at);
  }
  emitAccess(e, node, at, context, () => {
    out.write(call, at);
    for (const arg of args) {
      out.write(',', at);
      arg();
    }
    out.write(')', at);
  });
  out.write(')', node.end);
  temps.give(...taken);
}
