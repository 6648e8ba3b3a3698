/** Classes: a static block, run before all others, gives the methods their twins. */
import type { MethodDefinition, PropertyDefinition } from 'acorn';
import type { ClassNode } from '../syntax/ast.ts';
import { OWN } from './context.ts';
import type { Context, Emitter } from './context.ts';
import { attach, emitPlainFunction, emitTwin, propertyText } from './functions.ts';
import { emitPrivateTwin } from './private-methods.ts';
import { endStatement } from './statements.ts';

type Element = MethodDefinition | PropertyDefinition;

/** The name of a member, unless it is computed. A private one has its `#`. */
function memberName(e: Emitter, { key, computed }: Element): string | undefined {
  if (computed) return undefined;
  if (key.type === 'Identifier') return key.name;
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  return key.type === 'Literal' ? String(key.value) : e.source.slice(key.start, key.end);
}

export function emitClass(e: Emitter, node: ClassNode, context: Context, name: string): void {
  const { out } = e;
  const className = node.id?.name ?? name;
  const inner: Context = { ...context, classes: { node, outer: context.classes } };
  const member: Context = {
    ...inner,
    temps: undefined,
    lexical: OWN,
    lateThis: false,
    label: className,
  };
  let at = node.start;
  if (node.superClass) {
    out.copy(at, node.superClass.start);
    e.emit(node.superClass, inner);
    at = node.superClass.end;
  }
  out.copy(at, node.body.start + 1);
  at = node.body.start + 1;

  // A later member with the same name replaces an earlier one.
  const last = new Map<string, Element>();
  for (const element of node.body.body) {
    if (element.type === 'StaticBlock') continue;
    const key = memberName(e, element);
    if (key !== undefined) last.set(`${element.static}.${key}`, element);
  }
  const keys = new Map<MethodDefinition, string>();
  const twins = node.body.body.filter(
    (element): element is MethodDefinition =>
      element.type === 'MethodDefinition' &&
      element.kind === 'method' &&
      e.info.functions.get(element.value)!.hasTwin,
  );
  const open = twins.filter((element) => {
    if (element.key.type === 'PrivateIdentifier') return false;
    const key = memberName(e, element);
    if (key === undefined) keys.set(element, e.names.key());
    return key === undefined || last.get(`${element.static}.${key}`) === element;
  });
  if (open.length > 0) {
    out.write('static{', at);
    for (const element of open) emitMethodTwin(e, element, keys.get(element), member, className);
    out.write('}', at);
  }
  for (const element of node.body.body) {
    out.copy(at, element.start);
    at = element.end;
    if (element.type === 'StaticBlock') {
      e.emit(element, member);
      continue;
    }
    emitElement(e, element, keys, inner, member);
    endStatement(e, element);
    if (element.type === 'MethodDefinition' && element.key.type === 'PrivateIdentifier') {
      if (twins.includes(element)) {
        const label = `${className}.#${element.key.name}`;
        emitPrivateTwin(e, element, element.key.name, { ...member, label });
      }
    }
  }
  out.copy(at, node.end);
}

function emitMethodTwin(
  e: Emitter,
  element: MethodDefinition,
  computed: string | undefined,
  member: Context,
  className: string,
): void {
  const { out } = e;
  const holder = element.static ? 'this' : 'this.prototype';
  const name = memberName(e, element) ?? '';
  const access = computed === undefined ? propertyText(name).access : `[${computed}]`;
  const label = `${className}.${computed === undefined ? name : '[computed]'}`;
  const info = e.info.functions.get(element.value)!;
  out.write(`${attach(e, element.value)}(${holder}${access},`, element.key.start);
  emitTwin(e, element.value, member, {
    name,
    label,
    ...(computed === undefined ? {} : { computed }),
    ...(info.usesSuper ? { superObject: `Object.getPrototypeOf(${holder})` } : {}),
  });
  out.write(');', element.end);
}

/** The member as it stands in the source. */
function emitElement(
  e: Emitter,
  element: Element,
  keys: ReadonlyMap<MethodDefinition, string>,
  inner: Context,
  member: Context,
): void {
  const { out } = e;
  let at = element.start;
  if (element.computed) {
    out.copy(at, element.key.start);
    const key = element.type === 'MethodDefinition' ? keys.get(element) : undefined;
    if (key !== undefined) out.write(`${key}=${e.names.use('propertyKey')}(`, element.key.start);
    e.emit(element.key, inner);
    if (key !== undefined) out.write(')', element.key.end);
    at = element.key.end;
  }
  const { value } = element;
  if (!value) {
    out.copy(at, element.end);
    return;
  }
  out.copy(at, value.start);
  const name = memberName(e, element) ?? '';
  const label = `${member.label}.${name}`;
  if (element.type === 'PropertyDefinition') {
    e.emitNamed(value, name, { ...member, label });
  } else {
    const derived = element.kind === 'constructor' && Boolean(inner.classes?.node.superClass);
    const plain = { ...member, label };
    if (derived) emitDerivedConstructor(e, element.value, plain);
    else emitPlainFunction(e, element.value, plain, label);
  }
  out.copy(value.end, element.end);
}

/** Arrow functions in it may be made before `this` exists. */
function emitDerivedConstructor(
  e: Emitter,
  node: MethodDefinition['value'],
  context: Context,
): void {
  e.emitChildren(node, { ...context, lateThis: true });
}
