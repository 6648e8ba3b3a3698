/** Object literals, whose methods must stay methods and keep their names. */
import type { ObjectExpression, Property } from 'acorn';
import { isFunction } from '../syntax/ast.ts';
import type { FunctionNode, Node } from '../syntax/ast.ts';
import { emitOperand, OWN } from './context.ts';
import type { Context, Emitter } from './context.ts';
import { attach, emitPlainFunction, emitTwin, propertyText } from './functions.ts';

export function emitObject(e: Emitter, node: ObjectExpression, context: Context): void {
  const { out } = e;
  const late = node.properties.filter(
    (p): p is Property & { value: FunctionNode } =>
      p.type === 'Property' && p.method && !p.computed && usesSuper(e, p.value),
  );
  if (late.length > 0) out.write(`${e.names.use('twinsWithSuper')}(`, node.start);
  let at = node.start;
  for (const property of node.properties) {
    out.copy(at, property.start);
    if (property.type === 'SpreadElement') e.emit(property, context);
    else emitProperty(e, property, context);
    at = property.end;
  }
  out.copy(at, node.end);
  if (late.length === 0) return;
  // `super` looks at the prototype of the object itself, whatever that is by then.
  const home = `${e.names.prefix}home`;
  for (const property of late) {
    const name = keyName(e, property);
    const generator = property.value.generator ? 1 : 0;
    out.write(`,${JSON.stringify(name)},${generator},(${home})=>(`, property.start);
    emitTwin(
      e,
      property.value,
      { ...context, lexical: OWN },
      { name, label: name, superObject: home },
    );
    out.write(')', property.end);
  }
  out.write(')', node.end);
}

function usesSuper(e: Emitter, value: Node): boolean {
  const info = isFunction(value) ? e.info.functions.get(value) : undefined;
  return info?.hasTwin === true && info.usesSuper;
}

function keyName(e: Emitter, { key }: Property): string {
  if (key.type === 'Identifier') return key.name;
  return key.type === 'Literal' ? String(key.value) : e.source.slice(key.start, key.end);
}

function emitProperty(e: Emitter, property: Property, context: Context): void {
  const { out } = e;
  const { key, value } = property;
  if (property.shorthand) {
    // `arguments` has another name in the twin of an arrow function.
    if (value.type === 'Identifier' && value.name === 'arguments')
      out.write('arguments:', key.start);
    e.emit(value, context);
    return;
  }
  const hasTwin = isFunction(value) && e.info.functions.get(value)!.hasTwin;
  const anonymous =
    value.type === 'ArrowFunctionExpression' || (value.type === 'FunctionExpression' && !value.id);
  if (hasTwin && anonymous && property.computed) {
    emitComputed(e, property, value, context);
    return;
  }
  if (hasTwin && property.method && !usesSuper(e, value)) {
    const name = keyName(e, property);
    const { key: written, access } = propertyText(name);
    out.write(`${written}:${attach(e, value)}({`, property.start);
    emitMethod(e, property, value, name, context);
    out.write(`}${access},`, property.end);
    emitTwin(e, value, { ...context, lexical: OWN }, { name, label: name });
    out.write(')', property.end);
    return;
  }
  if (isFunction(value) && (property.method || property.kind !== 'init')) {
    emitMethod(e, property, value, property.computed ? '' : keyName(e, property), context);
    return;
  }
  let at = property.start;
  if (property.computed) {
    out.copy(at, key.start);
    e.emit(key, context);
    at = key.end;
  }
  out.copy(at, value.start);
  e.emitNamed(value, property.computed ? '' : keyName(e, property), context);
  out.copy(value.end, property.end);
}

function emitMethod(
  e: Emitter,
  property: Property,
  value: FunctionNode,
  name: string,
  context: Context,
): void {
  const { out } = e;
  let at = property.start;
  if (property.computed) {
    out.copy(at, property.key.start);
    e.emit(property.key, context);
    at = property.key.end;
  }
  out.copy(at, value.start);
  emitPlainFunction(e, value, { ...context, lexical: OWN }, name || context.label);
}

/** `[key]: () => …` and `[key]() { … }`: the function has the value of `key` as its name. */
function emitComputed(e: Emitter, property: Property, value: FunctionNode, context: Context): void {
  const { out } = e;
  const key = `${e.names.prefix}key`;
  out.write(`...((${key})=>({[${key}]:`, property.start);
  if (property.method) {
    out.write(`${attach(e, value)}({${value.generator ? '*' : ''}[${key}]`, property.start);
    emitPlainFunction(e, value, { ...context, lexical: OWN }, context.label);
  } else {
    out.write(`${attach(e, value)}({[${key}]:`, property.start);
    emitPlainFunction(e, value, context, context.label);
  }
  out.write(`}[${key}],`, value.end);
  emitTwin(e, value, context, { name: '', label: context.label, computed: key });
  out.write(`)}))(${e.names.use('propertyKey')}(`, property.key.start);
  emitOperand(e, property.key, context);
  out.write('))', property.key.end);
}
