/**
 * Private methods. The twin of `#m` is the private method `#$$m` beside it: nobody outside of the class can
 * take either, so a call needs no look-up. Where the class itself hands `x.#m` out as a value, it is given
 * its twin at that moment.
 */
import type { CallExpression, MemberExpression, MethodDefinition } from 'acorn';
import { emitOperand } from './context.ts';
import type { Context, Emitter, Temporaries } from './context.ts';
import { emitTwinBody } from './functions.ts';
import { emitArguments, stableReceiver } from './operands.ts';

/** The method with a twin that `#name` means here, if it means one. */
export function privateMethod(
  e: Emitter,
  name: string,
  context: Context,
): MethodDefinition | undefined {
  for (let scope = context.classes; scope !== undefined; scope = scope.outer) {
    const element = scope.node.body.body.find(
      (each) =>
        each.type !== 'StaticBlock' &&
        each.key.type === 'PrivateIdentifier' &&
        each.key.name === name,
    );
    if (element === undefined) continue;
    if (element.type !== 'MethodDefinition' || element.kind !== 'method') return undefined;
    return e.info.functions.get(element.value)!.hasTwin ? element : undefined;
  }
  return undefined;
}

function twinName(e: Emitter, name: string): string {
  return `#${e.names.prefix}${name}`;
}

/** The twin, as one more member of the class. */
export function emitPrivateTwin(
  e: Emitter,
  method: MethodDefinition,
  name: string,
  context: Context,
): void {
  e.out.write(`${method.static ? 'static ' : ''}*${twinName(e, name)}`, method.key.start);
  emitTwinBody(e, method.value, context);
}

/** `o.#m(x)` in a twin. */
export function emitPrivateCall(
  e: Emitter,
  node: CallExpression,
  name: string,
  context: Context,
  temps: Temporaries,
): void {
  const { out } = e;
  const { callee } = node;
  if (callee.type !== 'MemberExpression') return;
  const at = callee.property.start;
  if (privateMethod(e, name, context)?.value.generator === true) {
    const { receiver, open, taken } = stableReceiver(e, callee.object, [], context, temps);
    out.write(`${e.names.use('generatorBody')}(`, at);
    open();
    out.write(`.${twinName(e, name)},`, at);
    receiver();
    out.write(`.#${name}).call(`, at);
    receiver();
    emitArguments(e, node.arguments, context, node.end, ',');
    temps.give(taken);
    return;
  }
  out.write('(yield* ', at);
  if (callee.object.type !== 'Super') emitOperand(e, callee.object, context);
  out.write(`.${twinName(e, name)}`, at);
  emitArguments(e, node.arguments, context, node.end);
  out.write(')', node.end);
}

/** `o.#m` as a value, in either version. `holder`: the variable that `o` is in already. */
export function emitPrivateValue(
  e: Emitter,
  node: MemberExpression,
  name: string,
  generator: boolean,
  context: Context,
  holder?: string,
): void {
  const object = `${e.names.prefix}o`;
  const attach = e.names.use(generator ? 'generatorTwin' : 'twin');
  e.out.write(
    `((${object})=>${attach}(${object}.#${name},${object}.${twinName(e, name)}))(`,
    node.start,
  );
  if (holder !== undefined) e.out.write(holder, node.start);
  else if (node.object.type !== 'Super') emitOperand(e, node.object, context);
  e.out.write(')', node.end);
}
