/** Direct accesses of users' own files: `Atomics.load(array, index)`, with the option `atomics`. */
import type { CallExpression } from 'acorn';
import type { Context, Emitter, Temporaries } from './context.ts';
import { planArguments } from './operands.ts';

/** `Atomics.load(array, index)`: the hook of the runtime decides. */
export function emitAtomicsCall(
  e: Emitter,
  node: CallExpression,
  context: Context,
  temps: Temporaries,
): void {
  const { callee } = node;
  if (callee.type !== 'MemberExpression') return;
  const { out } = e;
  const at = callee.property.start;
  const site = e.sites.numberOf(node, at, context.label);
  const { before, args, taken } = planArguments(e, node.arguments, context, temps);
  const result = temps.take();
  const pending = e.names.use('YIELD');
  out.write('(', node.start);
  for (const each of before) {
    each();
    out.write(',', at);
  }
  out.write(`${e.names.use('R')}.site=${e.names.prefix}base+${site},(${result}=`, at);
  out.write(`${e.names.use('atomic')}("`, at);
  out.copy(callee.property.start, callee.property.end);
  out.write('"', at);
  for (const arg of args) {
    out.write(',', at);
    arg();
  }
  out.write(`))===${pending}?yield ${pending}:${e.names.use('settled')}(${result}))`, at);
  temps.give(...taken, result);
}
