/**
 * Optional chains with calls in a twin, one step after the other: `a?.b(x).c` becomes
 *
 *   (v = a, v == null ? void 0 : (v = (r = v).b, v = <controlled call of v on r>, v = v.c))
 */
import type { CallExpression, ChainExpression, Expression, MemberExpression, Super } from 'acorn';
import { isSeamCall } from '../syntax/functions.ts';
import { emitOperand } from './context.ts';
import type { Context, Emitter, Temporaries } from './context.ts';
import { emitControlledCall } from './controlled-call.ts';
import { emitGet, isElement } from './elements.ts';
import { emitPrivateValue, privateMethod } from './private-methods.ts';
import { Scratch } from './scratch.ts';

type Link = CallExpression | MemberExpression;

function linksOf(chain: ChainExpression): { base: Expression | Super; links: Link[] } {
  const links: Link[] = [];
  let base: Expression | Super = chain.expression;
  while (base.type === 'CallExpression' || base.type === 'MemberExpression') {
    links.unshift(base);
    base = base.type === 'CallExpression' ? base.callee : base.object;
  }
  return { base, links };
}

export function hasCall(chain: ChainExpression): boolean {
  return linksOf(chain).links.some((link) => link.type === 'CallExpression');
}

export interface ChainOptions {
  /** Temporary that is left with the object of the last member: `(a?.b)(x)` calls it on `a`. */
  readonly receiver?: string;
  /** `delete a?.b().c`. */
  readonly deletes?: boolean;
}

export function emitChain(
  e: Emitter,
  chain: ChainExpression,
  context: Context,
  temps: Temporaries,
  { receiver, deletes = false }: ChainOptions = {},
): void {
  const { out } = e;
  const { base, links } = linksOf(chain);
  const value = temps.take();
  const object = receiver ?? temps.take();
  let closers = ')';
  out.write('(', chain.start);
  if (base.type === 'Super') {
    const first = links.shift();
    if (first?.type !== 'MemberExpression') return;
    out.write(`${object}=${context.lexical.this},${value}=`, base.start);
    e.emit(first, context);
  } else {
    out.write(`${value}=`, base.start);
    emitOperand(e, base, context);
  }
  for (const [i, link] of links.entries()) {
    const last = i === links.length - 1;
    if (link.optional) {
      out.write(`,${value}==null?${deletes ? 'true' : 'void 0'}:(${value}`, link.start);
      closers += ')';
    }
    if (link.type === 'CallExpression') {
      const member = link.callee.type === 'MemberExpression' ? link.callee : undefined;
      const name = member?.property.type === 'Identifier' ? member.property.name : '';
      out.write(`,${value}=`, link.start);
      emitControlledCall(
        e,
        {
          node: link,
          at: member?.property.start ?? link.start,
          args: link.arguments,
          load: () => out.write(value, link.start),
          fn: value,
          receiver: member === undefined ? undefined : () => out.write(object, link.start),
          text: e.source.slice(link.callee.start, link.callee.end),
          seam: isSeamCall(link),
          ofFunction:
            member?.computed === false && (name === 'call' || name === 'apply' || name === 'bind'),
        },
        context,
        temps,
        false,
      );
      continue;
    }
    const kept = links[i + 1]?.type === 'CallExpression' || (last && receiver !== undefined);
    if (kept) out.write(`,${object}=${value}`, link.start);
    out.write(last && deletes ? ',delete ' : `,${value}=`, link.start);
    emitProperty(e, link, value, context);
  }
  out.write(closers, chain.end);
  temps.give(receiver === undefined ? object : undefined, value);
}

/** `value.b`, `value[b]` or `value.#b`. */
function emitProperty(e: Emitter, link: MemberExpression, value: string, context: Context): void {
  const { property } = link;
  const { temps } = context;
  if (temps === undefined || property.type === 'PrivateIdentifier' || !isElement(e, link)) {
    emitPlainProperty(e, link, value, context);
    return;
  }
  // The key may have accesses of its own: they come before this one has its site.
  const scratch = new Scratch(e, temps, property.start);
  const key = scratch.assign(() => emitOperand(e, property, context));
  emitGet(e, link, context, value, key);
  scratch.close();
}

function emitPlainProperty(
  e: Emitter,
  link: MemberExpression,
  value: string,
  context: Context,
): void {
  const { out } = e;
  const { property } = link;
  const method =
    property.type === 'PrivateIdentifier' ? privateMethod(e, property.name, context) : undefined;
  if (method !== undefined && property.type === 'PrivateIdentifier') {
    emitPrivateValue(e, link, property.name, method.value.generator, context, value);
    return;
  }
  out.write(link.computed ? `${value}[` : `${value}.`, property.start);
  if (link.computed) e.emit(property, context);
  else out.copy(property.start, property.end);
  if (link.computed) out.write(']', property.end);
}
